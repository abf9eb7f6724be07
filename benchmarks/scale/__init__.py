"""Search at the size of a large shop: a million passages, two million SKUs, all of it made up.

* `words` - two vocabularies with the frequencies of real ones. `passages`, `goods` - what is made of them.
* `knowledge`, `products` - fill, ask, and say how long it took. `__main__` - the command.
"""

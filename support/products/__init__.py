"""Finding products and putting their records into words: everything of `ask_product` that needs no I/O.

    vocabulary  the everyday words of shopping by meaning (`vocabulary.yml`)
    amounts     budgets, measures and sizes in a text
    query       what a customer's message says: `read(text) -> Query`
    shelf       the shop's products with an inverted index of their words
    search      which products fit a query, and what had to be given up
    plan        what the answer is about: one product, a list, a comparison, a pairing
    facts       one product's record in words
    replies     whole answers
    sizing      size charts

The direction is as listed: each file imports only from those above it.
"""

"""Finding products and putting their records into words: everything of `ask_product` that needs no I/O.

    vocabulary  the everyday words of shopping by meaning (`vocabulary.yml`)
    amounts     budgets, measures, sizes and bodies in a text
    questions   how something is asked (`questions.yml`)
    query       what a customer's message says: `read(text) -> Query`
    options     the SKUs that a query names within one product
    shelf       the shop's products with an inverted index of their words
    search      which products fit a query, and what had to be given up
    plan        what the answer is about: one product, a list, a comparison, a pairing
    facts       one product's record in words; `sizing`: its size chart
    about       the answer on one product; `compare`: on two or three
    replies     whole answers

Each imports only from those above it.
"""

"""The shop: records, policy, knowledge, pictures and the use cases over them. No web, no Rasa."""

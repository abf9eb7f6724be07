"""What Rasa itself loads (Python 3.10): the language model's parts and the channel to the gateway."""

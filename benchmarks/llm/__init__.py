"""What stands between the model and the customer, in milliseconds: the guard proxy, the assistant."""

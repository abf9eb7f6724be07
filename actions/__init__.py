"""The custom actions: one flat file a capability, each class a handful of lines over `support.services`."""

"""The tool for the customer's PC."""

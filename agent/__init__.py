"""The tool for the customer's PC (its place in the house); imports only core/."""

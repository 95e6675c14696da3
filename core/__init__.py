"""The words of the trade, errors, configuration and time: what every other folder may use."""

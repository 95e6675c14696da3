"""Plans, fees and retention, held against DOMAIN's worked examples and a second, slow formulation."""

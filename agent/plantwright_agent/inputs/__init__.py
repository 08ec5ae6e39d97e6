"""Inputs: one folder per protocol, one contract (`plantwright_agent.inputs.contract.Input`)."""

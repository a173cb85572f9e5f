"""The networks: input planes, architecture, evaluators, model files."""

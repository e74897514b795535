"""The protocols that clients speak: OpenAI's for language models, the Open Inference Protocol v2 for predictors."""

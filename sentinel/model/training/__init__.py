"""From labels and plain text to a model directory: recipe, data, tokenizer, pre-training, fine-tuning."""

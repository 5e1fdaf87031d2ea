"""Train the byte-level BPE vocabulary of a GPT-2 from texts.

The tokenizer ends every text with END_OF_TEXT: pre-training packs texts with it between them, and the
classifier reads its state, the last real token, whatever word a headline ends with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

if TYPE_CHECKING:
    from collections.abc import Iterable

END_OF_TEXT = "<|endoftext|>"
PADDING = "<|padding|>"


def train_tokenizer(texts: Iterable[str], *, vocab_size: int, max_tokens: int) -> PreTrainedTokenizerFast:
    """Learn merges from texts.

    Args:
        texts: plain lines.
        vocab_size: size of the vocabulary, special tokens and the 256 bytes included.
        max_tokens: longest text in tokens, END_OF_TEXT included; longer ones are cut before it.

    Returns:
        A tokenizer that ``transformers`` loads from ``tokenizer.json`` alone; it pads on the right.

    Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2 (byte-level BPE).
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[END_OF_TEXT, PADDING],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    end_id = tokenizer.token_to_id(END_OF_TEXT)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END_OF_TEXT}",
        pair=f"$A {END_OF_TEXT} $B {END_OF_TEXT}",
        special_tokens=[(END_OF_TEXT, end_id)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TEXT,
        bos_token=END_OF_TEXT,
        pad_token=PADDING,
        model_max_length=max_tokens,
        padding_side="right",
        truncation_side="right",
    )

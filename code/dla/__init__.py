"""Deep learning for audio: what a reader of the book learns.

One concept, one file, the field's name for it.

What is promised for inputs that are no ordinary sound; each function's
own promise is a row of the tests' table (``tests/dla/test_inputs.py``):

* NaN and infinity: a function that decides, compares or normalises
  raises a ValueError that counts them. Transforms, losses and networks
  are not interrupted to look: what is not finite comes out as not
  finite, never as a number, and `dla.train.train` stops at it.
* Whole numbers where a sound is expected: ValueError. Event times,
  costs and labels may be whole.
* Half precision (float16, bfloat16): computed and returned in float32,
  as PyTorch's autocast does with sums and losses, since sums of squares
  overflow and small constants vanish. Networks have the precision of
  their weights.
* Silence: a finite value and a finite gradient; a ValueError where a
  ratio or a level would be that of rounding noise (below -140 dB).
* Estimate and target equal: value and gradient finite.
* One sample: a finite value, or a ValueError that says what is needed.
* (time, channel) for (channel, time): ValueError where the shape shows
  it (eight or fewer samples after a hundred or more rows).
* Event times: any order and repetitions where they only mark places;
  a ValueError where intervals are taken.
"""

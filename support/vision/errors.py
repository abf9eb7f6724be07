"""What can go wrong with a picture, as codes.

The callers word these for customers (in two languages), so the exceptions here carry no such words.
"""

from typing import Literal

PictureFault = Literal["empty", "too_large", "not_a_picture", "too_many_pixels", "broken"]
OcrFault = Literal["busy", "timeout", "closed"]


class PictureError(ValueError):
    """The bytes are of no use as a picture.

    `limit` is the bound that was passed: bytes for `too_large`, pixels for `too_many_pixels`.
    """

    def __init__(self, code: PictureFault, limit: int | None = None) -> None:
        # Both go to `args`, because the exception travels between processes by pickle.
        super().__init__(code, limit)
        self.code: PictureFault = code
        self.limit = limit


class OcrError(RuntimeError):
    """The picture may be fine, but nobody could read it now: the queue is full, too slow or closed."""

    def __init__(self, code: OcrFault) -> None:
        super().__init__(code)
        self.code: OcrFault = code

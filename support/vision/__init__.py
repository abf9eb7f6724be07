"""Pictures from customers: cleaned, read, made anonymous, and searched for what they say about an order.

    pool = OcrPool(workers=1)
    reading = await examine(data, pool)      # PictureError, OcrError
    reading.picture.data                     # a JPEG of at most one megapixel, safe to store
    reading.claim.order_numbers              # what the screenshot claims; the database decides

`clean` alone does without OCR, and so cannot blur. `read_order` is pure. Importing this package loads no
model and no OCR engine; only the pool's worker processes do.
"""

from support.vision.errors import OcrError, PictureError
from support.vision.layout import TextLine
from support.vision.orders import OrderClaim, read_order
from support.vision.picture import Picture, clean
from support.vision.pool import OcrPool, examine
from support.vision.reading import Reading

__all__ = [
    "OcrError",
    "OcrPool",
    "OrderClaim",
    "Picture",
    "PictureError",
    "Reading",
    "TextLine",
    "clean",
    "examine",
    "read_order",
]

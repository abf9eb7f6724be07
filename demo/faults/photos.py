"""The fault photos: which goods, what is wrong with them, and what a person would say about the picture.

Contract: `write_faults` writes the photos with truth.json, a list of {file, fault, product_id, order_id, zh,
en, text}: `fault` is a reason of policy.yml, `order_id` a delivered order that holds the product (null when
there is none), `zh` and `en` describe the picture, `text` lists the lines that can be read in it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from PIL import Image, ImageOps

from demo.catalogue import Catalogue
from demo.draw.canvas import Canvas
from demo.draw.products import draw
from demo.faults import camera, damage
from demo.orders import Order


@dataclass(frozen=True)
class Fault:
    """One photo. `shown` is what lies there instead of the ordered product, `changes` its other look."""

    name: str
    fault: str
    product_id: str
    zh: str
    en: str
    harm: Callable[[Canvas], None] | None = None
    shown: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    label: tuple[str, ...] = ()
    exposure: float = 1.25


FAULTS: Final = (
    Fault(
        "broken-mug",
        "damaged",
        "P4005",
        "马克杯杯口碎了一大块，旁边有碎片",
        "A mug with a large piece broken out of the rim and shards beside it",
        damage.broken_mug,
    ),
    Fault(
        "torn-dress",
        "quality",
        "P1001",
        "白色连衣裙裙摆处撕开一道口子",
        "A white dress with a tear in the skirt",
        damage.torn_dress,
    ),
    Fault(
        "stained-shirt",
        "quality",
        "P2002",
        "白衬衫胸前有一片咖啡色污渍",
        "A white shirt with a brown stain on the chest",
        damage.stained_shirt,
    ),
    Fault(
        "cracked-phone",
        "damaged",
        "P5011",
        "手机屏幕碎裂，裂纹呈放射状",
        "A phone with a shattered screen",
        damage.cracked_screen,
    ),
    Fault(
        "crushed-parcel",
        "damaged",
        "P5007",
        "快递纸箱被压扁，一角破开",
        "A crushed parcel with one corner torn open",
        label=("中通快递", "易碎物品 小心轻放", "国AA级护眼台灯 ×1"),
    ),
    Fault(
        "wrong-item",
        "wrong_item",
        "P4001",
        "标签写的是电热水壶，收到的却是保温杯",
        "The label says kettle, but a vacuum flask lies there",
        shown="P4006",
        label=("发货单", "304不锈钢电热水壶", "米白 ×1"),
    ),
    Fault(
        "broken-dishes",
        "damaged",
        "P4011",
        "碗盘碎了好几只，碎片散落",
        "A dinner set with several broken bowls and plates",
        damage.broken_dishes,
    ),
    Fault(
        "open-sole",
        "quality",
        "P3001",
        "小白鞋前掌开胶，鞋底翘开",
        "A white sneaker whose sole has come off at the toe",
        damage.open_sole,
    ),
    Fault(
        "bent-umbrella",
        "damaged",
        "P6013",
        "雨伞伞骨弯折，伞面破了",
        "An umbrella with bent ribs and torn cloth",
        damage.bent_ribs,
        exposure=0.5,
    ),
    Fault(
        "missing-earbud",
        "missing_item",
        "P5001",
        "充电盒旁只有一只耳机",
        "Only one earbud beside the charging case",
        damage.one_missing,
    ),
    Fault(
        "scratched-pan",
        "quality",
        "P4003",
        "不粘锅涂层有大片划痕和脱落",
        "A non-stick pan whose coating is scratched and flaking",
        damage.scratched_pan,
    ),
    Fault(
        "wrong-colour",
        "wrong_item",
        "P2003",
        "订单写的是白色T恤，收到的是黑色",
        "The slip says a white tee, but a black one lies there",
        changes=(("colour", "black"),),
        label=("Packing slip", "Heavyweight cotton tee", "White L ×1"),
    ),
)
SIZES: Final = ((1200, 900), (900, 1200), (1080, 1080))
CASTS: Final = ((255, 246, 230), (238, 246, 255), (255, 250, 242))


def write_faults(out: Path, orders: list[Order], catalogue: Catalogue, rng: Random) -> None:
    """Writes the folder: photos and truth."""
    out.mkdir(parents=True, exist_ok=True)
    truth = [_write(out, number, fault, orders, catalogue, rng) for number, fault in enumerate(FAULTS)]
    (out / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")


def _write(
    out: Path, number: int, fault: Fault, orders: list[Order], catalogue: Catalogue, rng: Random
) -> dict[str, Any]:
    file = out / f"{fault.name}.jpg"
    scene = _scene(fault, number, catalogue, rng)
    cast = CASTS[number % len(CASTS)]
    camera.photograph(scene, rng, exposure=fault.exposure, cast=cast).save(file, quality=rng.randint(62, 86))
    return {
        "file": file.name,
        "fault": fault.fault,
        "product_id": fault.product_id,
        "order_id": _delivered(fault.product_id, orders),
        "zh": fault.zh,
        "en": fault.en,
        "text": list(fault.label),
    }


def _scene(fault: Fault, number: int, catalogue: Catalogue, rng: Random) -> Image.Image:
    size = SIZES[number % len(SIZES)]
    scene = camera.table(camera.TABLES[number % len(camera.TABLES)], size, rng)
    goods = _goods(fault, catalogue)
    goods = goods.crop(goods.getbbox())
    goods = ImageOps.contain(
        goods, (round(min(size) * rng.uniform(0.66, 0.8)),) * 2, Image.Resampling.BICUBIC
    )
    shift = size[0] // 7 if fault.label and size[0] > size[1] else 0
    camera.lay(scene, goods, (size[0] // 2 - shift, size[1] // 2), rng.uniform(-14, 14))
    if fault.label:
        at = (size[0] - 270, size[1] - 190) if shift else (size[0] // 2 + 120, size[1] - 160)
        camera.lay(scene, camera.paper(fault.label), at, rng.uniform(-8, 8))
    return scene


def _goods(fault: Fault, catalogue: Catalogue) -> Image.Image:
    if fault.name == "crushed-parcel":
        canvas = Canvas()
        damage.crushed_box(canvas)
        return canvas.finish()
    canvas = draw(catalogue.product(fault.shown or fault.product_id), **dict(fault.changes))
    if fault.harm:
        fault.harm(canvas)
    return canvas.finish()


def _delivered(product_id: str, orders: list[Order]) -> str | None:
    """The latest delivered order with the product."""
    found = [
        order
        for order in orders
        if order.dates.delivered
        and order.status in ("delivered", "completed")
        and any(line.product.product_id == product_id for line in order.lines)
    ]
    return max(found, key=lambda order: str(order.dates.delivered)).order_id if found else None

"""The demo's customers: invented names and streets, and telephone numbers that cannot ring.

Numbers start with 154, which no operator in China has been given; e-mail addresses are at example.com.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

COUNT: Final = 150
ENGLISH_EVERY: Final = 4  # every fourth customer after the first writes English: 37 of 150

SURNAMES: Final = "林陈周许苏叶沈何郑方程宋唐韩曹袁邓曾彭吕卢蒋蔡贾丁魏薛余潘杜戴夏钟汪田任姜范石姚谭廖邹熊陆郝孔白崔康毛邱秦江"
GIVEN: Final = (
    "晓雨 子涵 思远 佳怡 明哲 雨桐 浩然 梦琪 志强 静怡 文博 欣然 俊杰 诗涵 建国 美玲 宇航 雅婷 天佑 可欣 "
    "嘉豪 若曦 立新 慧敏 子轩 婉清 国栋 晓燕 一鸣 书瑶 海波 丽娜 承宇 心怡 德华 秀兰 泽楷 语嫣 永康 佩珊 "
    "晨曦 安然 少杰 玉洁 启航 春梅 睿 颖 磊 倩 峰 婷 超 洁 涛 璐 鑫 琳 凯 雪"
).split()
FIRST: Final = (
    "Emma Oliver Grace Daniel Sophie Marcus Hannah Lucas Priya Thomas Amelia Ethan Chloe Rohan Isabel Noah Maya "
    "Felix Nadia Leo Clara Hugo Ingrid Omar Tessa Victor Yasmin Aaron Bianca Cedric Dana Elliot Fiona Gareth "
    "Helen Ivan Joanna"
).split()
LAST: Final = (
    "Whitfield Carter Lindqvist Moreau Hughes Patel Novak Brennan Sato Fischer Okafor Reyes Dalton Kowalski Bianchi "
    "Marsh Adeyemi Thornton Vega Larsen Pryce Costa Hale Ivers Quinn Abbott Keller Osborne Tanaka Weiss Doyle "
    "Ferris Gallo Hobbs Jansen Klein Lowe"
).split()
CITIES: Final = (
    ("上海市", "徐汇区", "Xuhui", "Shanghai"), ("北京市", "朝阳区", "Chaoyang", "Beijing"),
    ("浙江省杭州市", "西湖区", "Xihu", "Hangzhou"), ("江苏省南京市", "鼓楼区", "Gulou", "Nanjing"),
    ("江苏省苏州市", "姑苏区", "Gusu", "Suzhou"), ("广东省深圳市", "南山区", "Nanshan", "Shenzhen"),
    ("广东省广州市", "天河区", "Tianhe", "Guangzhou"), ("四川省成都市", "武侯区", "Wuhou", "Chengdu"),
    ("湖北省武汉市", "洪山区", "Hongshan", "Wuhan"), ("陕西省西安市", "雁塔区", "Yanta", "Xi'an"),
    ("福建省厦门市", "思明区", "Siming", "Xiamen"), ("山东省青岛市", "市南区", "Shinan", "Qingdao"),
    ("湖南省长沙市", "岳麓区", "Yuelu", "Changsha"), ("重庆市", "渝中区", "Yuzhong", "Chongqing"),
)  # fmt: skip
STREETS: Final = (
    ("梧影路", "Wuying Road"), ("听松街", "Tingsong Street"), ("拾光大道", "Shiguang Avenue"),
    ("云栖里", "Yunqi Lane"), ("青禾路", "Qinghe Road"), ("望星街", "Wangxing Street"),
    ("橘子洲支路", "Juzizhou Branch Road"), ("小满路", "Xiaoman Road"), ("白露巷", "Bailu Alley"),
)  # fmt: skip


@dataclass(frozen=True)
class Customer:
    """A customer, with the city that parcels travel to in the customer's language."""

    customer_id: str
    name: str
    phone: str
    email: str
    language: str
    address: str
    city: str
    district: str


def make_customers(rng: Random) -> list[Customer]:
    """The customers in the order of their ids; names differ, and so do the last four digits of the phones."""
    chinese = rng.sample([family + given for family in SURNAMES for given in GIVEN], COUNT)
    english = [f"{first} {last}" for first, last in zip(FIRST, LAST, strict=True)]
    endings = rng.sample(range(10_000), COUNT)
    people = []
    for number in range(COUNT):
        language = "en" if number % ENGLISH_EVERY == 1 and english else "zh"
        name = english.pop(0) if language == "en" else chinese.pop()
        phone = f"154{rng.randrange(10_000):04d}{endings[number]:04d}"
        people.append(_customer(f"C{1001 + number}", name, phone, language, rng))
    return people


def _customer(customer_id: str, name: str, phone: str, language: str, rng: Random) -> Customer:
    city_zh, district_zh, district_en, city_en = rng.choice(CITIES)
    street_zh, street_en = rng.choice(STREETS)
    house, building, room = rng.randrange(2, 300), rng.randrange(1, 16), rng.randrange(1, 25) * 100 + rng.randrange(1, 5)
    if language == "en":
        email = name.lower().replace(" ", ".") + "@example.com"
        address = f"Room {room}, Building {building}, {house} {street_en}, {district_en} District, {city_en}"
        return Customer(customer_id, name, phone, email, language, address, city_en, district_en)
    address = f"{city_zh}{district_zh}{street_zh}{house}号{building}幢{room}室"
    email = f"{customer_id.lower()}@example.com"
    city = city_zh.split("省")[-1].removesuffix("市")
    return Customer(customer_id, name, phone, email, language, address, city, district_zh)

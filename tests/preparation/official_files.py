"""One small table of official population in every form that its producer gives out, with its oddities."""

import io
import json
from itertools import product

import openpyxl

REGIONS = {
    "0125": "Ekerö",
    "0980": "Gotland",
    "1980": "Västerås",
}  # the last one is not loaded, and like a year
AGES = [*map(str, range(100)), "100+"]
SEXES = {"1": "män", "2": "kvinnor"}
MONTH = "2026M04"
TITLE = "Folkmängden per månad efter region, ålder, kön och månad"
NOISE = "Till följd av Cell Key Method är totalerna inte alltid summan av sina delar."


def persons(region: str, age: str, sex: str) -> int:
    """Numbers in which no two cells are alike."""
    return 7 * (int(region) % 97) + 3 * AGES.index(age) + int(sex)


def total(region: str, sex: str) -> int:
    """The producer's own total of all ages, which its noise moves three persons away from the sum."""
    return sum(persons(region, age, sex) for age in AGES) + 3


def label(age: str) -> str:
    return f"{age} år"


def csv_file() -> bytes:
    """PxWeb's csv: a title, a blank line, semicolons, quotation marks, ISO-8859-1."""
    rows = [f'"{TITLE}"', "", f'"region";"ålder";"kön";"Folkmängd {MONTH}"']
    rows += [
        f'"{code} {name}";"{label(age)}";"{word}";{persons(code, age, sex)}'
        for (code, name), age, (sex, word) in product(REGIONS.items(), AGES, SEXES.items())
    ]
    rows += [
        f'"{code} {name}";"totalt ålder";"{word}";{total(code, sex)}'
        for (code, name), (sex, word) in product(REGIONS.items(), SEXES.items())
    ]
    return "\r\n".join(rows).encode("latin-1")


def workbook_file() -> bytes:
    """PxWeb's workbook: a title, stacked headings, code and name once for many rows, notes below."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([TITLE])
    sheet.append([])
    sheet.append([None, None, None, MONTH, None])
    sheet.append([None, None, None, *SEXES.values()])
    for code, name in REGIONS.items():
        for number, age in enumerate(AGES):
            first = [code, name] if number == 0 else [None, None]
            sheet.append([*first, label(age), *(persons(code, age, sex) for sex in SEXES)])
    sheet.append([])
    sheet.append([NOISE])
    sheet.append(["Källa:"])
    sheet.append(["SCB"])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def px_file() -> bytes:
    """PX in ISO-8859-1 with a long note in two pieces, civil status, and two contents."""
    quoted = {
        "region": (REGIONS.values(), REGIONS),
        "civilstånd": (("ogifta", "gifta"), ("OG", "G")),
        "ålder": (map(label, AGES), AGES),
        "kön": (SEXES.values(), SEXES),
        "tabellinnehåll": (("Folkmängd", "Folkökning"), ("BE0101N1", "BE0101N2")),
        "månad": ((MONTH,), (MONTH,)),
    }
    lines = ['CHARSET="ANSI";', 'AXIS-VERSION="2010";', 'CODEPAGE="iso-8859-1";', f'TITLE="{TITLE}";']
    lines += ['STUB="region","civilstånd","ålder","kön";', 'HEADING="tabellinnehåll","månad";']
    lines += ['UNITS="antal";', 'SOURCE="SCB";', f'NOTEX="{NOISE[:30]}"', f'"{NOISE[30:]}";']
    for name, (values, codes) in quoted.items():
        lines.append(f'VALUES("{name}")=' + ",\r\n".join(f'"{value}"' for value in values) + ";")
        lines.append(f'CODES("{name}")=' + ",".join(f'"{code}"' for code in codes) + ";")
    lines.append(f'TIMEVAL("månad")=TLIST(M1),"{MONTH.replace("M", "")}";')
    # A third of them are not married; the second content is nothing that anybody lives in.
    cells = []
    for region, status, age, sex in product(REGIONS, ("OG", "G"), AGES, SEXES):
        everybody = persons(region, age, sex)
        cells.append(f"{everybody // 3 if status == 'OG' else everybody - everybody // 3} ..")
    return ("\r\n".join(lines) + "\r\nDATA=\r\n" + "\r\n".join(cells) + ";").encode("latin-1")


def json_stat_file() -> bytes:
    """JSON-stat 2.0 with SCB's newer codes: totals of sex, 100+1, an index by mapping, a note on noise."""
    ages = [*AGES[:-1], "100+1", "TotSA"]
    values = [
        sum(
            total(region, one)
            if age == "TotSA"
            else persons(region, age.removesuffix("1") if "+" in age else age, one)
            for one in (SEXES if sex == "TotSa" else (sex,))
        )
        for region, age, sex in product(REGIONS, ages, ("TotSa", *SEXES))
    ]
    dimension = {
        "Region": ("region", REGIONS),
        "Alder": ("ålder", {age: "totalt, samtliga åldrar" if age == "TotSA" else age for age in ages}),
        "Kon": ("kön", {"TotSa": "totalt, samtliga män och kvinnor", **SEXES}),
        "ContentsCode": ("tabellinnehåll", {"000007SF": "Folkmängden per månad"}),
        "Tid": ("månad", {MONTH: MONTH}),
    }
    return json.dumps(
        {
            "version": "2.0",
            "class": "dataset",
            "label": TITLE,
            "source": "SCB",
            "note": [NOISE],
            "role": {"time": ["Tid"], "metric": ["ContentsCode"]},
            "id": list(dimension),
            "size": [len(categories) for _, categories in dimension.values()],
            "dimension": {
                code: {
                    "label": name,
                    "category": {
                        "index": {key: place for place, key in enumerate(categories)},
                        "label": categories,
                    },
                }
                for code, (name, categories) in dimension.items()
            },
            "value": values,
        }
    ).encode()


def px_web_file() -> bytes:
    """The older json of PxWeb: columns and rows, every value a text."""
    columns = [("Region", "region", "d"), ("Alder", "ålder", "d"), ("Kon", "kön", "d"), ("Tid", "månad", "t")]
    return json.dumps(
        {
            "columns": [
                *({"code": code, "text": text, "type": kind} for code, text, kind in columns),
                {"code": "BE0101N1", "text": "Folkmängd", "type": "c"},
            ],
            "comments": [],
            "data": [
                {"key": [region, age, sex, MONTH], "values": [str(persons(region, age, sex))]}
                for region, age, sex in product(REGIONS, AGES, SEXES)
            ],
        }
    ).encode()

"""What DDI-Codebook 2.5 (codebook.xsd of 2012-01-17, DDI Alliance) asks of the elements that we write.

The children of each element stand in the order of the schema; `!` marks one that must be there, `1` one that
may be there once, and all others may be there any number of times. An element that is not in the table holds
text alone. Of the attributes those that we write, each with what the schema lets it be, or recommends.
Written by reading the schema.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

NAMESPACE = "{ddi:codebook:2_5}"
CHILDREN = {
    "codeBook": "docDscr stdyDscr! fileDscr dataDscr otherMat",
    "docDscr": "citation1 guide1 docStatus1 docSrc controlledVocabUsed notes",
    "stdyDscr": ("citation! studyAuthorization stdyInfo studyDevelopment method dataAccs othrStdyMat notes"),
    "citation": "titlStmt!1 rspStmt1 prodStmt1 distStmt1 serStmt verStmt biblCit1 holdings notes",
    "titlStmt": "titl!1 subTitl altTitl parTitl IDNo",
    "prodStmt": "producer copyright1 prodDate prodPlac software fundAg grantNo",
    "verStmt": "version1 verResp notes",
    "stdyInfo": "studyBudget subject abstract sumDscr qualityStatement1 notes exPostEvaluation",
    "sumDscr": (
        "timePrd collDate nation geogCover geogUnit geoBndBox1 boundPoly1 anlyUnit universe dataKind"
    ),
    "method": "dataColl notes anlyInfo1 stdyClas dataProcessing codingInstructions",
    "dataColl": (
        "timeMeth dataCollector collectorTraining frequenc sampProc sampleFrame targetSampleSize "
        "deviat collMode resInstru instrumentDevelopment sources1 collSitu actMin ConOps weight "
        "cleanOps"
    ),
    "anlyInfo": "respRate EstSmpErr dataAppr",
    "fileDscr": "fileTxt locMap1 notes",
    "fileTxt": (
        "fileName1 fileCitation1 fileCont1 fileStrc1 dimensns1 fileType1 format1 "
        "filePlac1 dataChck ProcStat1 dataMsng1 software verStmt1"
    ),
    "dimensns": "caseQnty varQnty logRecL recPrCas recNumTot",
    "dataDscr": "varGrp nCubeGrp var nCube notes",
    "var": (
        "location labl imputation1 security1 embargo1 respUnit1 anlysUnit1 qstn valrng invalrng "
        "undocCod universe TotlResp1 sumStat txt stdCatgry catgryGrp catgry codInstr verStmt "
        "concept derivation1 varFormat1 geoMap catLevel notes"
    ),
    "catgry": "catValu1 labl txt catStat mrow1",
}
XML = "{http://www.w3.org/XML/1998/namespace}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NAME = r"[A-Za-z_][A-Za-z0-9._-]*"
DAY = r"\d{4}-\d\d-\d\d"
EVERYWHERE = {"ID": NAME, f"{XML}lang": "[a-z]{2}"}
ATTRIBUTES = {
    "codeBook": {"version": r"2\.5", f"{XSI}schemaLocation": r"ddi:codebook:2_5 https://\S+/codebook\.xsd"},
    "prodDate": {"date": DAY},
    "version": {"date": DAY},
    "collDate": {"date": DAY, "event": "start|end|single"},
    "nation": {"abbr": "[A-Z]{2}"},
    "var": {
        "name": ".+",
        "files": rf"{NAME}( {NAME})*",
        "intrvl": "contin|discrete",
        "temporal": "Y|N",
        "geog": "Y|N",
    },
}
REQUIRED = {"var": {"name"}, "codeBook": {"version"}}


def faults(root: Element) -> Iterator[str]:
    """What the schema would not let through."""
    if root.tag != f"{NAMESPACE}codeBook":
        yield "not a codebook of version 2.5"
    ids = [one.get("ID") for one in root.iter() if one.get("ID")]
    if len(set(ids)) < len(ids):
        yield "an ID stands twice"
    for element in root.iter():
        name = element.tag.removeprefix(NAMESPACE)
        yield from _attributes(name, element, ids)
        yield from _children(name, element)


def spoilt(root: Element) -> Iterator[str]:
    """The codebook with two neighbours swapped, once in every kind of element that holds several."""
    seen = set()
    for parent in root.iter():
        kinds = [child.tag for child in parent]
        swaps = (at for at in range(len(kinds) - 1) if kinds[at] != kinds[at + 1])
        at = next(swaps, None)
        if at is None or parent.tag in seen:
            continue
        seen.add(parent.tag)
        parent[at], parent[at + 1] = parent[at + 1], parent[at]
        yield parent.tag.removeprefix(NAMESPACE)
        parent[at], parent[at + 1] = parent[at + 1], parent[at]


def _attributes(name: str, element: Element, ids: list[str | None]) -> Iterator[str]:
    allowed = EVERYWHERE | ATTRIBUTES.get(name, {})
    for key, value in element.items():
        if key not in allowed:
            yield f"{name} has no attribute {key}"
        elif not re.fullmatch(allowed[key], value):
            yield f"{name} may not have {key}={value}"
    yield from (f"{name} lacks {key}" for key in REQUIRED.get(name, set()) - set(element.keys()))
    yield from (f"no file {one}" for one in element.get("files", "").split() if one not in ids)


def _children(name: str, element: Element) -> Iterator[str]:
    found = [child.tag.removeprefix(NAMESPACE) for child in element]
    if name not in CHILDREN:
        if found:
            yield f"{name} holds text alone"
        return
    allowed = re.findall(r"(\w+?)(!?)(1?)(?= |$)", CHILDREN[name])
    order = [child for child, _, _ in allowed]
    if strange := set(found) - set(order):
        yield f"{name} has no place for {strange}"
    elif found != sorted(found, key=order.index):
        yield f"{name} has its parts in the wrong order: {found}"
    for child, must, once in allowed:
        if must and child not in found:
            yield f"{name} lacks {child}"
        if once and found.count(child) > 1:
            yield f"{name} has more than one {child}"
    if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
        yield f"{name} holds text beside its parts"

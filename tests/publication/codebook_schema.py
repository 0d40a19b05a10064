"""What DDI-Codebook 2.5 (codebook.xsd of 2012-01-17, DDI Alliance) asks of the elements that we write.

The children of each element stand in the order of the schema; `!` marks one that must be there, `1` one that
may be there once, and all others may be there any number of times. Written by reading the schema.
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
        "fileName1 fileCitation1 dataFingerprint fileCont1 fileStrc1 dimensns1 fileType1 format1 "
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
ATTRIBUTES = {
    "codeBook": {"version"},
    "prodDate": {"date"},
    "version": {"date"},
    "collDate": {"date", "event"},
    "nation": {"abbr"},
    "fileDscr": {"ID"},
    "var": {"ID", "name", "files"},
}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")


def faults(root: Element) -> Iterator[str]:
    """What the schema would not let through."""
    if root.tag != f"{NAMESPACE}codeBook" or root.get("version") != "2.5":
        yield "not a codebook of version 2.5"
    ids = [one.get("ID") for one in root.iter() if one.get("ID")]
    if len(set(ids)) < len(ids):
        yield "an ID stands twice"
    for element in root.iter():
        name = element.tag.removeprefix(NAMESPACE)
        yield from _attributes(name, element, ids)
        yield from _children(name, element)


def _attributes(name: str, element: Element, ids: list[str | None]) -> Iterator[str]:
    for strange in set(element.keys()) - ATTRIBUTES.get(name, set()) - {LANGUAGE}:
        yield f"{name} has no attribute {strange}"
    if element.get("ID") and not NCNAME.fullmatch(element.get("ID", "")):
        yield f"{element.get('ID')} is no ID"
    if element.get("event") not in (None, "start", "end", "single"):
        yield f"{name} happens at no time called {element.get('event')}"
    if name == "var" and not element.get("name"):
        yield "a variable without a name"
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
    if (element.text or "").strip():
        yield f"{name} holds text beside its parts"

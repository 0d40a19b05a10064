"""What screen readers and archives want of a PDF and WeasyPrint 70 does not write."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pydyf
from pydyf import _to_bytes

EMPTY_STEP = re.compile(rb">0(?:\.0)?<")
FINER = re.compile(rb"(\.\d\d\d)\d+")  # than a thousandth of a point
# PDF/A lets metadata use other schemas only when the file describes them.
PDFUA_SCHEMA = b"""<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
"""


def declare_universal_access(metadata: Any) -> None:
    """Let a PDF/A file say that it is PDF/UA-1 too; WeasyPrint writes one of the two."""
    written = metadata.generate_rdf_metadata

    def both(*arguments: Any) -> bytes:
        rdf: bytes = written(*arguments)
        return rdf.replace(b"</rdf:RDF>", PDFUA_SCHEMA + b"</rdf:RDF>")

    metadata.generate_rdf_metadata = both


def finish(_document: Any, pdf: pydyf.PDF) -> None:
    """Mend the structure tree: scopes of headers, frames of figures, running heads as artifacts."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))  # each file is listed twice
    elements = {f"{item.number} 0 R".encode(): item for item in pdf.objects if _is_element(item)}
    if not elements:
        return
    for element in elements.values():
        if element["S"] == "/Figure":
            _convert_frame(element, pdf)
        elif element["S"] in ("/TH", "/TD"):
            _say_scope(element, elements)
    parents = _parents(pdf)
    _mark_artifacts(pdf, elements, parents)
    _merge_spans(pdf, elements, parents)


def _is_element(item: object) -> bool:
    return isinstance(item, dict) and item.get("Type") == "/StructElem"


def _say_scope(cell: Any, elements: dict[bytes, Any]) -> None:
    """With a scope for each header, a list of headers in every cell of a regular table says nothing more."""
    if cell["S"] == "/TH":
        cell["A"]["Scope"] = "/Column" if _in_head(cell, elements) else "/Row"
        del cell["ID"]
    else:
        del cell["A"]["Headers"]
        if len(cell["A"]) == 1:  # its owner alone
            del cell["A"]


def _in_head(cell: Any, elements: dict[bytes, Any]) -> bool:
    row = elements.get(bytes(cell["P"]))
    head = elements.get(bytes(row["P"])) if row else None
    return bool(head and head["S"] == "/THead")


def _convert_frame(figure: Any, pdf: pydyf.PDF) -> None:
    """From CSS pixels below the top of the page to points above its bottom."""
    page = pdf.objects[int(bytes(figure["Pg"]).split()[0])]
    height = float(page["MediaBox"][3])
    left, top, right, bottom = (float(edge) * 0.75 for edge in figure["A"]["BBox"])
    figure["A"]["BBox"] = pydyf.Array((left, height - bottom, right, height - top))


def _parents(pdf: pydyf.PDF) -> dict[int, Any]:
    """The elements that the marked contents of a page belong to, by the page's key and in their order."""
    root = _structure_root(pdf)
    numbers = pdf.objects[int(bytes(root["ParentTree"]).split()[0])]["Nums"]
    return dict(zip(numbers[::2], numbers[1::2], strict=True))


def _structure_root(pdf: pydyf.PDF) -> Any:
    return next(_of_type(pdf, "/StructTreeRoot"))


def _mark_artifacts(pdf: pydyf.PDF, elements: dict[bytes, Any], parents: dict[int, Any]) -> None:
    """Margin boxes are marked content of elements outside the tree: make them artifacts of the page."""
    reached = set(_reachable(_structure_root(pdf)["K"], elements))
    for reference in elements.keys() - reached:
        pdf.objects[elements[reference].number] = pdf.objects[0]
    for page in _of_type(pdf, "/Page"):
        own = parents[page["StructParents"]]
        outside = {index for index, parent in enumerate(own) if bytes(parent) not in reached}
        for index in outside:
            own[index] = "null"
        operations = pdf.objects[int(bytes(page["Contents"]).split()[0])].stream
        _make_artifacts(operations, outside)
        operations[:] = [_without_what_nobody_sees(operations)]


def _merge_spans(pdf: pydyf.PDF, elements: dict[bytes, Any], parents: dict[int, Any]) -> None:
    """Lines of text belong to their paragraph or cell at once, without an element of their own in between.

    That is half of all elements; the numbers of those left out are free, as object 0 is. Where text and
    other elements stand mixed all are kept, since readers disagree on the order of a mixed list.
    """
    for element in elements.values():
        kids = [elements.get(kid) for kid in element["K"] if isinstance(kid, bytes)]
        spans = [kid for kid in kids if kid is not None and _is_text(kid)]
        if len(spans) != len(element["K"]):
            continue
        own = parents[pdf.objects[int(bytes(element["Pg"]).split()[0])]["StructParents"]]
        element["K"] = pydyf.Array(content for span in spans for content in span["K"])
        for span in spans:
            pdf.objects[span.number] = pdf.objects[0]
        for content in element["K"]:
            own[content] = element.reference


def _is_text(element: Any) -> bool:
    return (
        element is not None and element["S"] == "/Span" and all(isinstance(kid, int) for kid in element["K"])
    )


def _of_type(pdf: pydyf.PDF, name: str) -> Iterator[Any]:
    return (item for item in pdf.objects if isinstance(item, dict) and item.get("Type") == name)


def _reachable(references: Iterable[Any], elements: dict[bytes, Any]) -> Iterator[bytes]:
    waiting = [bytes(reference) for reference in references]
    while waiting:
        reference = waiting.pop()
        yield reference
        kids = elements[reference].get("K", ())
        waiting.extend(bytes(kid) for kid in kids if isinstance(kid, bytes) and bytes(kid) in elements)


def _make_artifacts(operations: list[Any], outside: set[int]) -> None:
    """Marked content is written as three operations: its tag, its properties and BDC."""
    for position in range(len(operations) - 2):
        properties = operations[position + 1]
        if operations[position + 2] == b"BDC" and properties.get("MCID") in outside:
            operations[position : position + 2] = ["/Artifact", pydyf.Dictionary({"Type": "/Pagination"})]


def _without_what_nobody_sees(operations: Iterable[Any]) -> bytes:
    """Between two letters stands how much closer they come, also where that is nothing."""
    written = b"\n".join(map(_to_bytes, operations))
    return FINER.sub(rb"\1", EMPTY_STEP.sub(b"", written))

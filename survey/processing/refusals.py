"""Why the statistics refuse a question, in Swedish sentences for pages and letters."""

from analysis.errors import AnalysisError, InputError, QuestionError

SENTENCES = {
    "too_large": "Tabellen får {cells} rutor. Högst {most} går att räkna på en gång. "
    "Välj en uppdelning med färre grupper eller bara en kommun.",
    "no_category": "Ingen har svarat i den grupp som tabellen gäller. Välj en annan kommun eller alla.",
    "no_answers": "Ingen har svarat på frågan, så det finns inget att redovisa. Välj en annan fråga.",
    "no_indicator": "En regression behöver ett mått som är en andel. Välj ett annat mått.",
    "one_category": "Alla som har svarat hör till samma grupp i en av uppdelningarna, så det finns inget att "
    "jämföra. Ta bort den uppdelningen.",
    "too_many_terms": "Regressionen har {categories} grupper, och det är för många för så få svar: minst "
    "{each} svar av det ovanligare slaget behövs för varje grupp, och högst {most} grupper. "
    "Ta bort en uppdelning eller välj en med färre grupper.",
    "not_separable": "I någon grupp har alla svarat lika, eller så delar två uppdelningar in personerna på "
    "samma sätt. Ta bort en uppdelning eller välj en med färre grupper.",
    "too_sensitive": "Tabellen gäller för många känsliga svar på en gång för att kunna prövas mot det som är "
    "släppt. Välj en uppdelning med färre grupper eller bara en kommun.",
    "too_few_records": "Antalet svar är {records}. Minst {fewest} behövs för att ingen ska "
    "kunna kännas igen.",
}
OTHERWISE = "Svaren går inte att räkna som de ser ut. Läs kontrollen av omgången och vänd dig till driften."


def in_swedish(error: AnalysisError) -> str:
    """The sentence for an error; what nobody who asks can do anything about has one of its own."""
    if isinstance(error, InputError):
        return f"{OTHERWISE} {_place(error)}"
    if not isinstance(error, QuestionError):
        return OTHERWISE
    return SENTENCES[error.reason].format(**error.parts)


def _place(error: InputError) -> str:
    """Which table, row and column does not hold, as whoever runs the service calls them."""
    row = f", rad {error.line}" if error.line else ""
    column = f", kolumn {error.column}" if error.column else ""
    return f"Det som inte stämmer står i {error.file}{row}{column}."

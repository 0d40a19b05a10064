"""Files of released rows: tables, workbooks, decks, codebooks."""

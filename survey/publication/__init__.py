"""Released figures become pages, reports and tables; nothing here decides what is certain or hidden."""

"""The questionnaire as data, the path through it, the answers it accepts and the indicators made of them."""

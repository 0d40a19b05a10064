"""Tables of official statistics in their producers' files: PX, JSON-stat, PxWeb's csv, json and xlsx."""

"""Drawings of released figures: geometry here, ink in the templates."""

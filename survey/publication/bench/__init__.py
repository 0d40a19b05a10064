"""The analyst's bench: any released measure by group, place and wave, in a view that has an address."""

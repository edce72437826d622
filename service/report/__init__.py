"""Reports: the answer for one dossier as a page, as terminal text and as data."""

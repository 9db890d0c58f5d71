"""Pages and files of the book that have a part of their own, by name."""

from __future__ import annotations

GLOSSARY = "book/glossary"
EXAMINATION = "book/exam/"  # pages that collect from the chapters
TRAINER, BANK = "book/exam/trainer", "book/exam/bank"
DECK = "book/exam/dla-book.apkg"
FIGURES_ZIP = "_static/dla-book-figures.zip"
SHEET, PLAN = "book/exam/formula-sheet", "book/exam/study-plan"
REPORTS = ("book/execution", SHEET, PLAN)  # pages that show something of every chapter
RUN_IT = "book/run-it-yourself"
ERROR_PAGE = "book/404"
BRIEF = "book/exam/brief"  # a page a chapter; printed from the browser
NOT_ON_PAPER = (TRAINER, BRIEF, "book/api")  # they need a browser; the pages below them too
NO_PAGE_NUMBERS = ("book/references", "book/glossary")  # their order is that of the alphabet
PLANNED = "book/planned.txt"  # chapters to come
MACROS = "book/macros.json"  # TeX macros: one file for the site and for LaTeX

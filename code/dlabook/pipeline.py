"""Sphinx extension: what happens to a page, in the order in which it happens.

The tools of the site and of the reader say what they do; when, is said here. A step is taken if the
extension that it belongs to is loaded, and after what Sphinx, the theme, and all others do at that
time.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from dlabook.reader.addresses import addresses
from dlabook.reader.brief import brief
from dlabook.reader.cite import cite
from dlabook.reader.figures import figures
from dlabook.reader.fold import fold
from dlabook.reader.formula import formula
from dlabook.reader.front import front
from dlabook.reader.glossary import terms
from dlabook.reader.lecture import lecture
from dlabook.reader.library import pages as library
from dlabook.reader.listening import listening
from dlabook.reader.notebook import downloads
from dlabook.reader.place import place
from dlabook.reader.player import player
from dlabook.reader.prediction import prediction
from dlabook.reader.preview import preview
from dlabook.reader.provenance import provenance
from dlabook.reader.search import search
from dlabook.reader.solutions import solutions
from dlabook.reader.study import pages as study
from dlabook.reader.trainer import trainer
from dlabook.site import (
    directives,
    incremental,
    mathematics,
    numbers,
    outputs,
    record,
    sitemap,
    theme,
    translator,
)

# Which pages are read again, beside those whose source changed.
OUTDATED = (
    record.outdated_pages,
    library.pages_with_other_modules,
    incremental.pages_executed_anew,
)

# A page was read. What is kept of it is kept when the marks are there.
DOCTREE_READ = (
    directives.mark_equations_and_cells,
    fold.put_outputs_first,  # the code is still a child of its cell
    fold.fold_cells,
    figures.keep_figures,
    study.mark_further,
    search.keep_sections,
    study.show_minutes,  # not to be found by a search
    provenance.add_provenance,  # neither
    numbers.keep_skeleton,
)

# All pages were read. Which are written again, beside those that were read; numbers come first.
UPDATED = (
    trainer.pages_that_collect,
    incremental.pages_that_show_others,
)

# Pages are about to be written; what a fork works out meanwhile begins here.
WRITE_STARTED = (
    incremental.remove_static_files,
    search.begin_index,
)

# A page is about to be written, its references are links. Terms are linked in what is then there.
DOCTREE_RESOLVED = (
    library.link_back,
    terms.link_terms,
    mathematics.recall_formulas,
    translator.prepare_error_page,
)

# A page was written by the translator; what is added goes into the theme's template. Formulas are
# kept when all that quotes the page has typeset them.
PAGE_CONTEXT = (
    trainer.keep_questions,
    mathematics.keep_formulas,  # the questions' too
    player.add_parts,
    listening.add_parts,
    trainer.add_scripts,
    brief.add_style,
    provenance.add_style,
    front.add_style,
    lecture.add_style,
    prediction.add_parts,  # on the trainer's page after its scripts
    fold.add_parts,
    solutions.add_parts,
    formula.add_script,
    search.add_scripts,
    place.add_parts,
    theme.prepare_template,
    downloads.offer_downloads,
    preview.write_previews,
    cite.add_citation_parts,
    addresses.add_script,
)

# All pages were written. The sounds are copied before the scripts that hold them are made; the
# theme ends, because it reduces what all others left.
BUILD_FINISHED = (
    outputs.publish_files,
    figures.write_figures,
    player.write_sound_scripts,
    preview.remove_stale,
    addresses.write_redirects,
    sitemap.write_sitemap,
    cite.write_version_script,
    search.write_index,
    trainer.write_bank,
    theme.finish_site,
)

STEPS = {
    "env-get-outdated": OUTDATED,
    "doctree-read": DOCTREE_READ,
    "env-get-updated": UPDATED,
    "write-started": WRITE_STARTED,
    "doctree-resolved": DOCTREE_RESOLVED,
    "html-page-context": PAGE_CONTEXT,
    "build-finished": BUILD_FINISHED,
}
AFTER_ALL_OTHERS = 900  # Sphinx's priority; what is connected first has its turn first


def connect_steps(app: Sphinx, config) -> None:
    """Connect the steps of the extensions that are loaded."""
    for event, steps in STEPS.items():
        for step in steps:
            if step.__module__ in app.extensions:
                app.connect(event, step, priority=AFTER_ALL_OTHERS)


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", connect_steps)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

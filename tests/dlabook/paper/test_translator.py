"""LaTeX of the book's own nodes."""

import re

from paper_book import SVG, mp3


def test_a_link_names_section_and_page(tex):
    place = r"\detokenize{book/first/a/below:sec-below}"
    assert rf"Page below A}}}}}}}} (§\,1.2, p.\,\pageref{{{place}}})" in tex


def test_a_sound_is_a_link_with_duration_and_level(tex, book):
    found = re.findall(r"\\booksound\{(.*?)\}\{(.*?)\}\{(.*?)\}\{(.*)\}\{_figures/\w+\.jpg\}", tex)
    addresses, names, seconds, levels = zip(*found, strict=True)
    assert names == (r"a \& b", "nothing") and seconds == ("0.2 s", "0.2 s")
    assert levels == (r"\bookglyph{2212}20.5 dBFS", "silent")
    assert (book / "_build/pdf/jupyter_execute" / addresses[0]).read_bytes() == mp3()


def test_a_figure_is_included_with_caption_and_place(tex, book):
    name = re.search(r"\\sphinxincludegraphics\[width=(\d+)bp\]\{_figures/(\w+)\.pdf\}", tex)
    assert int(name[1]) == round(0.85 * 100)
    assert (book / f"_build/pdf/jupyter_execute/_figures/{name[2]}.svg").read_text() == SVG
    assert r"A box." in tex[name.end() :].split(r"\end{figure}")[0]


def test_inputs_and_outputs_look_different(tex):
    assert "{cell_input}\n\\begin{sphinxVerbatim}" in tex
    printed = tex.index("mean 6 ± 1\n\\end{sphinxVerbatim}")
    assert "{cell_output}" in tex[:printed].rsplit("sphinxVerbatim", 1)[0][-40:]


def test_signs_that_the_font_of_the_text_may_lack_are_looked_for_in_another(tex):
    assert r"In G\bookglyph{266D} the sign" in tex
    assert r"\chapter{Second \texorpdfstring{\bookglyph{266D}}{♭} chapter" in tex
    assert r"\texorpdfstring{\(a_1\)}{a\_1}" in tex


def test_an_equation_that_a_function_names_is_written_although_the_library_is_not(tex):
    assert "loss" not in tex.split(r"\bookequation{1.1}")[1].split(r"\bookequation")[0]

"""What a link may show: the thing itself, without links, ids and answers."""

from dlabook.reader.preview.preview import previews, with_sources

EQUATION = (
    '<div class="math" id="equation-eq-a"><div class="equation" id="eq-a"><i>x</i></div>'
    '<span class="eqno">(1)<a class="headerlink" href="#eq-a">#</a></span></div>'
)
ORAL = (
    '<div class="oral oral-why docutils" id="oral-a-why"><p>Why <a href="x.html">so</a>?</p>'
    '<div class="oral-answer"><details>Because.</details></div></div>'
)
SECTION = '<span id="sec-a"></span><h2>Title</h2><p>First.</p><p>Second.</p>'
TERM = '<dt id="term-mel">mel</dt><dd><p>A scale.</p></dd>'


def test_each_kind_of_thing_is_shown():
    found = previews(EQUATION + ORAL + SECTION + TERM)
    assert found == {
        "equation-eq-a": '<div class="equation"><i>x</i></div><span class="eqno">(1)',
        "oral-a-why": "<p>Why <span>so</span>?</p>",
        "sec-a": "<p><strong>Title</strong></p><p>First.</p>",
        "term-mel": "<p><strong>mel</strong></p><p>A scale.</p>",
    }


def test_a_box_ends_where_it_ends_whatever_it_holds():
    box = '<div class="exercise admonition" id="ex-a"><div><div>1</div></div>2</div><div>3</div>'
    assert previews(box) == {"ex-a": "<div><div>1</div></div>2"}


def test_pictures_are_named_by_their_place_in_the_site():
    markup = '<img src="../_figures/a.svg"><img src="https://x.org/b.svg">'
    assert with_sources(markup, "book/part.html") == (
        '<img data-src="_figures/a.svg"><img src="https://x.org/b.svg">'
    )

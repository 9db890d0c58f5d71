"""The trainer's first view with all of its parts open, for tests of what is in them."""

UNFOLD = """
document.addEventListener("DOMContentLoaded", () => {
  const open = () => {
    const parts = document.querySelectorAll(".trainer-part-of-home:not([open])");
    for (const part of parts) part.open = true;
  };
  new MutationObserver(open).observe(document, { subtree: true, childList: true });
  open();
});
"""


def unfolded(opened):
    """A page or a context of Playwright in which they are open."""
    opened.add_init_script(UNFOLD)
    return opened

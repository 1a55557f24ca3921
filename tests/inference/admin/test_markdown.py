"""A card is read as its author laid it out, and can do no harm."""

from inference.admin.markdown import render_markdown


def test_headings_lists_tables_bold_and_code_become_elements() -> None:
    html = render_markdown(
        "# Model\n\nIt is **not** a device\nand `mel` is one.\n\n- first\n  goes on\n- second\n\n"
        "| a | b |\n| --- | ---: |\n| 1 | 2 |\n"
    )
    assert "<h3>Model</h3>" in html
    assert "<p>It is <strong>not</strong> a device and <code>mel</code> is one.</p>" in html
    assert "<ul><li>first goes on</li><li>second</li></ul>" in html
    assert '<th scope="col">a</th>' in html
    assert "<td>2</td>" in html
    assert "---" not in html


def test_nothing_in_a_card_becomes_html_of_its_own() -> None:
    attack = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://evil) `<b>` **<i>**"
    html = render_markdown(f"# {attack}\n\n{attack}\n\n- {attack}\n\n| {attack} | {attack} |\n")
    for forbidden in ("<script", "<a", "<img", "<b>", "<i>"):
        assert forbidden not in html


def test_text_that_is_no_markdown_ends_too() -> None:
    assert render_markdown("") == ""
    assert "|" not in render_markdown("|\n|")
    assert render_markdown("####### seven").startswith("<p>")

# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page in a browser: seen, heard, pressed, and without its script."""

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from reports import ROOT

PICTURES = ROOT / ".cache/report-pictures"


def names(page):
    """Return the names of the hosts that are to be seen, in their order."""
    return page.eval_on_selector_all(
        "#hosts > tbody .name", "all => all.filter(it => it.checkVisibility()).map(it => it.textContent.trim())"
    )


def parts(page):
    """Return how many hosts' parts are open."""
    return page.eval_on_selector_all(".more", "all => all.filter(it => it.checkVisibility()).length")


def violations(page):
    """Return what axe-core finds against WCAG 2.2 AA and its own best practices, in what is out of sight too."""
    page.evaluate("document.styleSheets[0].insertRule('.parts { content-visibility: visible !important }')")
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["help"], [node["html"][:200] for node in one["nodes"]][:5]) for one in found]


@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
@pytest.mark.parametrize(("size", "dark"), [("few", False), ("few", True), ("many", False)], ids=["light", "dark", "many"])
def test_everyone_can_read_it(show, request, size, dark, width):
    page = show(request.getfixturevalue(size), width, dark)
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = f"{size}-{width}-{'dark' if dark else 'light'}"
    page.screenshot(path=PICTURES / f"{name}.png")
    if size == "few":
        page.get_by_role("button", name="Open all").click()
        page.screenshot(path=PICTURES / f"{name}-open.png", full_page=True)
    else:
        page.locator(".name button").nth(0).click()
        page.screenshot(path=PICTURES / f"{name}-open.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it has to be scrolled sideways"
    if size == "few":
        assert violations(page) == []


def test_without_its_script_all_of_it_stands_there(show, few):
    page = show(few, java_script_enabled=False)
    page.screenshot(path=PICTURES / "few-1280-no-script.png", full_page=True)
    for part in ("What to do", "Refused", "Real use", "In force", "What ends first", "Open now"):
        assert page.get_by_role("heading", name=part, exact=True).count() == 3
    assert page.get_by_role("button").count() == 0 and page.get_by_role("searchbox").count() == 0
    page.get_by_label("Refused", exact=True).check()
    assert [row.is_visible() for row in page.locator("#hosts > tbody").all()] == [True, False, False, False]


def test_two_hundred_hosts_are_open_at_once(show, many):
    page = show(many)
    milliseconds = page.evaluate("""() => {
        const began = performance.now();
        document.getElementById("open-all").click();
        document.body.offsetHeight;
        return performance.now() - began;
    }""")
    assert parts(page) == 200 and len(names(page)) == 200
    assert milliseconds < 3000
    page.get_by_role("button", name="Close all").click()
    assert parts(page) == 0


def test_a_search_finds_names_people_addresses_and_files(show, few):
    page = show(few)
    for words, found in [
        ("DB1", ["db1.example.org"]),
        ("deploy", ["build.example.org"]),
        ("198.51.100.20", ["build.example.org"]),
        ("50-redhat alice", ["db1.example.org"]),
        ("no route", ["gone.example.org"]),
        ("zebra", []),
    ]:
        page.get_by_label("Find").fill(words)
        assert names(page) == found
        assert page.get_by_role("status").text_content() == f"{len(found)} of 4 shown"
    page.get_by_label("Find").fill("")
    page.get_by_label("Not known", exact=True).check()
    assert names(page) == ["old.example.org"]
    assert page.get_by_role("status").text_content() == "1 of 4 shown"


def test_a_column_sorts_both_ways_and_then_by_need_again(show, few):
    page = show(few)
    by_need = ["db1", "build", "gone", "old"]
    orders = {
        "Refused": [("descending", ["db1", "build", "gone", "old"]), ("ascending", ["build", "db1", "gone", "old"])],
        "MaxSessions": [("ascending", ["db1", "old", "build", "gone"]), ("descending", ["build", "old", "db1", "gone"])],
        "Host": [("ascending", ["build", "db1", "gone", "old"]), ("descending", ["old", "gone", "db1", "build"])],
        "Ends first": [("ascending", ["db1", "old", "build", "gone"]), ("descending", ["build", "old", "db1", "gone"])],
    }
    for name, ways in orders.items():
        head = page.locator("#hosts > thead th", has=page.get_by_role("button", name=name, exact=True))
        for way, order in [*ways, (None, by_need)]:
            head.get_by_role("button").click()
            assert head.get_attribute("aria-sort") == way
            assert [host.partition(".")[0] for host in names(page)] == order, (name, way)


def test_the_keyboard_is_enough(show, few):
    page = show(few)
    page.get_by_label("Find").focus()
    for wanted in ["Open all", "Host", "Refused", "MaxSessions", "Real use", "Ends first", "Clones", "db1.example.org"]:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent").strip() == wanted
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    opener = page.get_by_role("button", name="db1.example.org")
    assert opener.get_attribute("aria-expanded") == "true" and parts(page) == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Copy"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert opener.get_attribute("aria-expanded") == "false" and parts(page) == 0
    page.get_by_label("All hosts", exact=True).focus()
    page.keyboard.press("ArrowDown")
    assert names(page) == ["db1.example.org"]


def test_a_square_leads_to_its_host(show, few):
    page = show(few)
    page.get_by_label("Refused", exact=True).check()
    page.locator(".squares.unknown a").click()
    assert page.evaluate("document.activeElement.textContent") == "old.example.org"
    assert parts(page) == 1 and len(names(page)) == 4


def test_the_lines_are_copied_as_they_stand(show, many):
    page = show(many, permissions=["clipboard-read"])
    page.locator(".name button").nth(0).click()
    page.locator(".more").nth(0).get_by_role("button", name="Copy").click()
    assert page.locator(".more").nth(0).get_by_role("button", name="Copied").is_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "max_sessions_clone_depth: 7"
    page.locator(".fleet").get_by_role("button").click()
    hosts = yaml.safe_load(page.evaluate("navigator.clipboard.readText()"))["clones"]["hosts"]
    assert len(hosts) == 16 and list(hosts.values()) == [{"max_sessions_clone_depth": 7}] * 16

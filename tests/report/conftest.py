# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import shutil

import pytest
from fleet import FEW, fleet
from playwright.sync_api import sync_playwright
from reports import Reports


@pytest.fixture
def reports(tmp_path):
    return Reports(tmp_path)


@pytest.fixture(scope="session")
def few(tmp_path_factory):
    """The Run that reported the samples and a host that can't be reached."""
    return Reports(tmp_path_factory.mktemp("few")).run(FEW)


@pytest.fixture(scope="session")
def many(tmp_path_factory):
    """The Run that reported 200 hosts."""
    return Reports(tmp_path_factory.mktemp("many")).run(fleet(200))


@pytest.fixture(scope="session")
def chromium():
    """The machine's own Chromium; none is downloaded."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert program, "these tests need Chromium: script/test report installs it"
    # As root and in containers there is no sandbox to be had. The pages are our own.
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=program, chromium_sandbox=False) as it:
        yield it


@pytest.fixture
def show(chromium):
    """Open a run's page: ``show(run, width, dark=False, **settings)`` returns the Page; it must fetch and log nothing."""
    said = []
    contexts = []

    def shown(run, width=1280, dark=False, **settings):
        contexts.append(
            chromium.new_context(
                viewport={"width": width, "height": 1200}, color_scheme="dark" if dark else "light", offline=True, **settings
            )
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(60000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
        page.goto(run.path("html").as_uri())
        return page

    yield shown
    for context in contexts:
        context.close()
    assert said == []

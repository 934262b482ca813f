"""The report in a real browser: it filters, its keys work, it prints, and what hosts said runs nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from records import bake_record, verify_record

from winbake.report.page import html_report
from winbake.report.run_record import read_run

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH: apt-get install chromium")

# A person at the page: types into the filter, walks by arrows, goes to a failure by Enter, clears by Escape.
PERSON = """<script>
const said = [], key = (to, name) => to.dispatchEvent(new KeyboardEvent('keydown', {key: name, bubbles: true}));
const rows = () => [...document.querySelectorAll('[data-check]')].filter(row => !row.hidden).length;
const type = words => { const box = document.getElementById('filter'); box.value = words; box.dispatchEvent(new Event('input')); };
said.push('all ' + rows());
type('dcmtk'); said.push('dcmtk ' + rows() + ', ' + document.getElementById('shown').textContent);
type('ws02'); said.push('columns ' + [...document.querySelectorAll('.matrix thead [data-host]')].filter(one => !one.hidden).map(one => one.dataset.host));
key(document, 'Escape'); said.push('again ' + rows());
document.querySelector('[data-matrix] td[tabindex]').focus();
key(document.activeElement, 'Home'); key(document.activeElement, 'ArrowRight'); said.push('at ' + document.activeElement.dataset.host);
key(document.activeElement, 'Enter'); said.push('to ' + document.activeElement.id);
said.push('title ' + document.title);
document.body.innerHTML = '<ol>' + said.map(one => '<li>' + one + '</li>').join('') + '</ol>';
</script></body>"""


def chromium(*arguments: str, page: Path) -> str:
    assert CHROMIUM is not None
    home = page.parent / "profile"
    line = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}", *arguments, page.as_uri()]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    runs = [read_run(verify_record(tmp_path)), read_run(bake_record(tmp_path))]
    path.write_text(html_report(runs), encoding="utf-8")
    return path


def test_it_filters_and_is_walked_by_keys_and_nothing_in_it_is_run(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', text)
    assert policy is not None
    # The policy would keep out the person's script too; without it escaping alone holds off what a host said.
    page.write_text(text.replace(policy.group(), "").replace("</body>", PERSON), encoding="utf-8")
    said = re.findall(r"<li>(.*?)</li>", chromium("--dump-dom", page=page))
    assert said[0] == "all 85"
    assert said[1].startswith("dcmtk 2, 2 of 85 checks shown")
    assert said[2] == "columns ws02"
    assert said[3] == "again 85"
    assert said[4] == "at ws02"
    assert said[5].startswith("to ") and len(said[5]) > 3
    assert "taken" not in said[6] and said[6].startswith("title winbake verify")


def test_it_prints(page: Path) -> None:
    pdf = page.with_suffix(".pdf")
    chromium(f"--print-to-pdf={pdf}", page=page)
    printed = pdf.read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) in range(2, 8)

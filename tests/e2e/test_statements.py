"""Staff question an amount on the phone and finance answers; a statement on paper says what the page says."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture

WORDS = {
    "zh": "工时记录是一小时，这里算少了，请核对。",
    "en": "I noted one hour; this is less. Please check.",
}
ANSWER = {"zh": "工时按系统计时，暂停的时间不算。", "en": "The clock counts; pauses are left out."}


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_staff_question_a_line_and_finance_answers(visits: Visits, member: FindMember, locale: str) -> None:
    agent = member("agent", 0 if locale == "zh" else 1)
    staff = visits.start(agent, locale, PHONE)
    page, t = staff.open("/me/earnings"), staff.t
    days = page.locator("#main section").filter(has_text=t("earnings.days")).last
    days.locator("summary").first.click()
    days.locator("details details summary").first.click()
    days.get_by_role("link", name=t("disputes.ask.short")).first.click()
    page.locator("textarea").fill(WORDS[locale])
    page.get_by_role("button", name=t("disputes.send")).click()
    expect(page.locator("#main").get_by_role("link", name=WORDS[locale])).to_be_visible()
    take_picture(page, f"question-asked.{locale}")

    desk = visits.start(member("finance"), locale, DESKTOP)
    finance = desk.open("/settlement/disputes")
    finance.locator("#main").get_by_role("link", name=re.compile(re.escape(WORDS[locale]))).first.click()
    expect(finance.get_by_role("button", name=t("disputes.explain"))).to_be_visible()
    take_picture(finance, f"question.{locale}")
    finance.locator("textarea").fill(ANSWER[locale])
    finance.get_by_role("button", name=t("disputes.explain")).click()
    expect(finance.locator("#main")).to_contain_text(ANSWER[locale])

    page.locator("#main").get_by_role("link", name=WORDS[locale]).click()
    expect(page.locator("#main")).to_contain_text(ANSWER[locale])
    expect(page.get_by_role("button", name=t("disputes.ask_again"))).to_be_visible()


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_a_statement_on_paper_equals_the_page(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    visit = visits.start(member("finance"), locale, size)
    page, t = visit.open("/settlement/statements?kind=member"), visit.t
    take_picture(page, f"statements.{locale}")
    page.locator("#main tbody a").first.click()
    expect(page.get_by_text(t("statements.hash"))).to_be_visible()
    take_picture(page, f"statement.{locale}")
    code = page.locator("#main p .font-mono").inner_text()
    received = page.locator("#main dl dd").nth(1).inner_text()
    page.locator("#main").get_by_text(t("statements.file"), exact=True).click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name=re.compile(r"PDF.*(中文|English)")).nth(
            0 if locale == "zh" else 1
        ).click()
    text = "\n".join(found.extract_text() for found in PdfReader(downloading.value.path()).pages)
    assert code in text.replace("\n", "")
    figures = {Decimal(found.replace(",", "")) for found in re.findall(r"[\d,]+\.\d\d", text)}
    assert Decimal(re.sub(r"[^\d.-]", "", received)) in figures

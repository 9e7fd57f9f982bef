"""The page in a real browser: by keyboard, on a phone, in the dark, and with nothing from other hosts."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from agents.export import Export
from agents.serving.http.api import create_app
from agents.serving.sessions import Sessions
from agents.serving.store import Store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


class Service:
    """The service in a thread of this process."""

    def __init__(self, sessions: Sessions, around: Any = None, **access: Any) -> None:
        self.sessions = sessions
        app = create_app(sessions, **access)
        app = around(app) if around else app
        self.server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive()
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}/"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.sessions.store.close()


@pytest.fixture(scope="module")
def service(asking_export: Export, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    store = Store(tmp_path_factory.mktemp("page") / "sessions.sqlite")
    service = Service(Sessions(asking_export, store))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


class Visit:
    """A person at the page; what the browser complained of and whom it asked for files is noted."""

    def __init__(self, browser: Browser, url: str, **context: Any) -> None:
        self.context: BrowserContext = browser.new_context(
            **{"viewport": DESK, "reduced_motion": "reduce", **context}
        )
        self.context.set_default_timeout(90_000)  # a busy machine is slow, not wrong
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        self.page.goto(url)

    def say(self, text: str) -> None:
        """Type, send, and wait for the answer."""
        before = self.page.locator(".system .bubble").count()
        self.page.locator("#text").fill(text)
        self.page.keyboard.press("Enter")
        self.page.locator(".system:not(.typing) > .bubble").nth(before).wait_for()

    @property
    def session(self) -> str:
        name: str = self.page.evaluate("localStorage.getItem('chatrec.session')")
        return name

    def overflows(self) -> bool:
        """Whether one must scroll sideways, or the whole page scrolls instead of the conversation."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollTop > 0"
        )
        return wide


@pytest.fixture
def visit(browser: Browser, service: Service) -> Iterator[Any]:
    visits: list[Visit] = []

    def start(url: str = service.url, **context: Any) -> Visit:
        visits.append(Visit(browser, url, **context))
        visits[-1].page.locator(".system .bubble").first.wait_for()
        return visits[-1]

    yield start
    for one in visits:
        one.context.close()


def events(service: Service, name: str) -> list[tuple[str, dict[str, Any]]]:
    """What happened in a session, the keys of requests aside."""
    happened = service.sessions.transcript(name)[1]
    return [(one.kind, {k: v for k, v in one.body.items() if k != "key"}) for one in happened]


def test_a_conversation_by_keyboard_alone(visit: Any, service: Service) -> None:
    at = visit()
    page = at.page
    page.locator("#text").press_sequentially("Hi! I loved Heat, but nothing with Tom Cruise.")
    page.keyboard.press("Enter")
    page.locator(".chip.heard.like", has_text="Heat").wait_for()
    assert page.locator(".chip.heard.avoid").inner_text().endswith("Tom Cruise")
    assert page.locator(".answers .answer").count() == 8
    page.locator(".answer", has_text="Thriller").or_(page.locator(".answer").first).first.focus()
    page.keyboard.press("Enter")  # a quick reply is a button
    card = page.locator("article.card").first
    card.wait_for()
    page.locator("#text").focus()
    for _ in range(4):  # back from the message box to the first card's button; it took 13
        page.keyboard.press("Shift+Tab")
    assert "I’ll take it" in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    card.locator(".stars").wait_for()
    page.keyboard.press("ArrowRight")  # the stars have the focus: two, three, four
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.locator(".picks .given", has_text="★★★★☆").wait_for()
    item = int(card.get_attribute("data-item") or -1)
    kept = events(service, at.session)
    assert ("click", {"item": item}) in kept
    assert kept[-1] == ("rating", {"item": item, "stars": 4})
    assert at.complaints == []


# The first rating is held back by the browser: without an order, a later one would overtake it and be undone by it.
HOLD = """() => {
  const send = window.fetch;
  window.sent = [];
  window.fetch = async (...request) => {
    if (String(request[0]).endsWith("/ratings") && window.sent.push(request[1].body) === 1)
      await new Promise((done) => setTimeout(done, 700));
    return send(...request);
  };
}"""


def taking_with_ratings_held(visit: Any) -> tuple[Any, Any]:
    """A visit whose first card was just taken, and that card."""
    at = visit()
    at.say("Hello!")
    at.say("A comedy.")
    at.page.evaluate(HOLD)
    card = at.page.locator("article.card").first
    card.locator(".take").click()
    return at, card


def test_the_last_of_several_quick_ratings_is_the_one_that_counts(visit: Any, service: Service) -> None:
    at, card = taking_with_ratings_held(visit)
    for place in (0, 4, 1, 3):
        card.locator(".stars label").nth(place).click()
    at.page.locator(".picks .given", has_text="★★★★☆").wait_for()
    ratings = [body["stars"] for kind, body in events(service, at.session) if kind == "rating"]
    assert ratings == [1, 4]  # those passed on the way are not sent
    assert at.page.evaluate("window.sent.length") == 2
    assert card.locator(".stars input:checked").get_attribute("value") == "4"
    assert at.complaints == []


def test_what_is_written_after_a_rating_arrives_after_it(visit: Any, service: Service) -> None:
    at, card = taking_with_ratings_held(visit)
    card.locator(".stars label").nth(2).click()
    at.say("What else?")
    kinds = [kind for kind, _ in events(service, at.session)]
    assert kinds[-3:] == ["rating", "message", "reply"]
    assert at.page.locator(".picks .given", has_text="★★★☆☆").count() == 1
    assert at.complaints == []


def test_a_card_says_what_it_is_and_why(visit: Any) -> None:
    at = visit()
    at.say("Something tense and dark, like Heat, but not a comedy.")
    at.say("From the 1990s.")
    card = at.page.locator("article.card").first
    assert card.locator("h3").inner_text()
    assert re.search(r"\d+ minutes", card.locator(".facts").inner_text())
    assert card.locator(".people").inner_text().startswith("director ")
    assert len(card.locator(".sentence").inner_text()) > 20
    chips = card.locator(".why .chip").all_inner_texts()
    assert any("meets your wish:" in chip and "tense" in chip for chip in chips)
    card.locator("summary").click()
    assert "What you asked for" in card.locator(".parts").inner_text()
    assert re.search(r"^1st of \d+ on the table", card.locator(".place").inner_text())
    # Beside it lies what is like Heat and meets every wish as well.
    beside = at.page.locator("article.card.small")
    assert beside.count() == 3
    assert all(re.search(r"199\d", text) for text in beside.all_inner_texts())
    assert "dark" in at.page.locator("#wishes").inner_text()
    assert at.complaints == []


def test_a_question_keeps_its_card_and_what_was_understood_can_be_corrected(
    visit: Any, reading_export: Export, tmp_path: Path
) -> None:
    service = Service(Sessions(reading_export, Store(tmp_path / "s.sqlite")))
    at = visit(service.url)
    at.say("Hello!")
    at.say("A dark comedy.")
    cards = at.page.locator("article.card").count()
    at.say("How long is it?")
    assert at.page.locator("article.card").count() == cards
    assert at.page.locator("article.card.about").count() == 1
    dark = at.page.locator("#wishes .chip", has_text="dark")
    dark.locator(".fix").first.click()
    at.page.locator("#wishes .chip.avoid", has_text="dark").wait_for()
    at.page.locator("#wishes .chip", has_text="dark").locator(".fix").last.click()
    dark.wait_for(state="detached")
    stances = [body["stance"] for kind, body in events(service, at.session) if kind == "wish"]
    assert stances == ["avoided", "none"]
    at.page.reload()
    at.page.locator("#wishes .chip").first.wait_for()
    assert "dark" not in at.page.locator("#wishes").inner_text()
    at.say("The tram was late again today.")
    assert at.page.locator(".chip.missed", has_text="tram").count() == 1
    assert at.complaints == []
    service.stop()


def test_taking_another_card_rating_it_and_changing_ones_mind(visit: Any, service: Service) -> None:
    at = visit()
    at.say("Hello!")
    at.say("A comedy.")
    cards = at.page.locator("article.card")
    cards.nth(1).locator(".take").click()
    cards.nth(1).locator(".stars label").nth(4).click()
    at.page.locator(".picks .given", has_text="★★★★★").wait_for()
    cards.nth(0).locator(".take").click()
    at.page.locator(".picks .given", has_text="not rated").wait_for()
    assert at.page.locator("article.card.taken").count() == 1
    at.say("What else?")
    cards.nth(0).locator(".stars label").nth(4).click()  # late
    at.page.locator(".picks .given", has_text="★★★★★").wait_for()
    cards.nth(0).locator(".stars label").nth(2).click()  # and another mind changed
    at.page.locator(".picks .given", has_text="★★★☆☆").wait_for()
    first = int(cards.nth(0).get_attribute("data-item") or -1)
    assert service.sessions.conversation(at.session).clicked == {first: 3}


def test_a_reload_brings_everything_back(visit: Any) -> None:
    at = visit()
    at.say("Hello!")
    at.say("A tense thriller.")
    at.page.locator("article.card .take").first.click()
    at.page.locator("article.card .stars label").nth(3).click()
    at.page.locator(".picks .given", has_text="★★★★☆").wait_for()
    before = [
        at.page.locator(place).all_inner_texts() for place in (".bubble", "article h3", ".chip", ".picks")
    ]
    at.page.reload()
    at.page.locator("article.card.taken").wait_for()
    after = [
        at.page.locator(place).all_inner_texts() for place in (".bubble", "article h3", ".chip", ".picks")
    ]
    assert after == before
    at.say("What else?")
    at.page.locator("#fresh").click()
    at.page.locator("article").first.wait_for(state="detached")
    assert at.page.locator(".bubble").count() == 1
    assert at.complaints == []


def test_it_says_what_else_the_policy_sees(visit: Any, service: Service) -> None:
    at = visit()
    note = at.page.locator(".welcome .note")
    [(kind, body)] = events(service, at.session)
    assert kind == "setting"
    assert body["device"] == "computer"
    assert note.inner_text() == f"The policy also sees: {body['time']}, computer."
    at.page.reload()
    note.wait_for()
    assert note.inner_text() == f"The policy also sees: {body['time']}, computer."


def test_goodbye_and_on_again(visit: Any) -> None:
    at = visit()
    at.say("Hello!")
    at.say("Thanks, bye!")
    assert "has ended" in at.page.locator(".divider").inner_text()
    at.say("Wait, a comedy after all.")
    assert at.page.locator("article.card").count() == 4


def test_messages_are_text_and_never_markup(visit: Any) -> None:
    at = visit()
    at.say("<img src=x onerror=\"document.title='pwned'\"><b>a thriller</b>")
    bubble = at.page.locator(".person .bubble").first
    assert bubble.inner_text().endswith("<b>a thriller</b>")
    assert bubble.locator("b, img").count() == 0
    assert at.page.title() == "Chat-Rec"
    assert at.complaints == []


def test_nothing_comes_from_another_host_and_the_policy_is_in_force(visit: Any, service: Service) -> None:
    at = visit()
    at.say("A thriller.")
    assert at.hosts == {service.url.split("/")[2]}
    blocked = at.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'went out', () => 'blocked')")
    assert blocked == "blocked"
    assert any("Content Security Policy" in text for text in at.complaints)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(visit: Any, scheme: str, tmp_path: Path) -> None:
    at = visit(viewport=PHONE, color_scheme=scheme, has_touch=True, is_mobile=True)
    assert not at.overflows()
    at.say("Hello!")
    at.say("Something tense and dark from the 1990s or newer, but not a comedy.")
    card = at.page.locator("article.card").first
    card.locator(".take").tap()
    card.locator(".stars label").nth(4).tap()
    at.page.locator("article.card.taken").wait_for()
    assert not at.overflows()
    box = card.locator(".take").bounding_box()
    assert box is not None
    assert box["height"] >= 32, "big enough for a thumb"
    assert not at.page.locator("#panel").is_visible()
    at.page.locator("#panel-button").tap()
    assert at.page.locator("#panel").is_visible()
    assert at.page.locator("#wishes .chip").count() >= 3
    at.page.keyboard.press("Escape")
    assert not at.page.locator("#panel").is_visible()
    assert at.complaints == []


def test_light_and_dark(visit: Any) -> None:
    ask = "getComputedStyle(document.body).backgroundColor"
    light, dark = visit(color_scheme="light"), visit(color_scheme="dark")
    day, night = light.page.evaluate(ask), dark.page.evaluate(ask)
    assert day != night
    light.page.locator("#theme").click()  # light
    assert light.page.evaluate(ask) == day
    light.page.locator("#theme").click()  # dark
    assert light.page.evaluate(ask) == night
    light.page.reload()
    assert light.page.evaluate(ask) == night, "the choice is remembered"


def test_a_service_that_went_away_loses_nothing(asking_export: Export, visit: Any, tmp_path: Path) -> None:
    service = Service(Sessions(asking_export, Store(tmp_path / "s.sqlite")))
    at = visit(service.url)
    service.server.should_exit = True
    service.thread.join(10)
    at.page.locator("#text").fill("A thriller.")
    at.page.keyboard.press("Enter")
    problem = at.page.locator(".problem")
    problem.wait_for()
    assert "cannot be reached" in problem.inner_text()
    assert problem.locator("button").inner_text() == "Try again"
    service.sessions.store.close()


def test_an_answer_lost_on_the_way_is_given_again(visit: Any, service: Service) -> None:
    at = visit()
    lost: list[str] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    at.page.route("**/messages", lose)
    at.page.locator("#text").fill("Hello.")
    at.page.keyboard.press("Enter")
    at.page.locator(".problem button").click()
    at.page.locator(".system:not(.typing) > .bubble").nth(1).wait_for()
    assert [kind for kind, _ in events(service, at.session)] == ["setting", "message", "reply"]
    at.page.unroute("**/messages")
    at.say("A comedy.")
    assert at.page.locator(".problem").count() == 0


def test_a_token_is_asked_for(asking_export: Export, browser: Browser, tmp_path: Path) -> None:
    token = "correct-horse-battery"
    service = Service(Sessions(asking_export, Store(tmp_path / "s.sqlite")), token=token)
    at = Visit(browser, service.url)
    at.page.locator("#token").fill(token)
    at.page.keyboard.press("Enter")
    at.page.locator(".system .bubble").first.wait_for()
    at.say("A thriller.")
    assert [kind for kind, _ in events(service, at.session)] == ["setting", "message", "reply"]
    at.context.close()
    service.stop()


def test_two_tabs_on_one_conversation(browser: Browser, service: Service) -> None:
    """The second was told to read it with GET, again and again."""
    first = Visit(browser, service.url)
    first.page.locator(".system .bubble").first.wait_for()
    first.say("Hello!")
    other = first.context.new_page()
    other.goto(service.url)
    other.locator(".person .bubble", has_text="Hello!").wait_for()
    first.say("A comedy.")
    other.locator("#text").fill("A thriller.")
    other.keyboard.press("Enter")
    other.locator(".problem", has_text="went on in another tab").wait_for()
    assert other.locator(".person .bubble", has_text="A comedy.").count() == 1
    assert other.locator("#text").input_value() == "A thriller."
    other.keyboard.press("Enter")
    other.locator(".person .bubble", has_text="A thriller.").wait_for()
    other.locator("article.card").nth(4).wait_for()
    assert [kind for kind, _ in events(service, first.session)].count("message") == 3
    first.context.close()


def test_a_session_that_is_not_kept_any_more_says_so(visit: Any, service: Service) -> None:
    """A new one was begun without a word."""
    at = visit()
    at.say("Hello!")
    name = at.session
    service.sessions.forget(name)
    at.page.locator("#text").fill("A comedy.")
    at.page.keyboard.press("Enter")
    at.page.locator(".problem", has_text="is not kept here any more").wait_for()
    assert at.page.locator("#text").input_value() == "A comedy."
    at.page.reload()
    problem = at.page.locator(".problem", has_text="is not kept here any more")
    problem.wait_for()
    assert at.session == name
    assert at.page.locator("#text").input_value() == "A comedy."
    problem.locator("button", has_text="Start a new conversation").click()
    at.page.locator(".system .bubble").first.wait_for()
    at.page.keyboard.press("Enter")
    at.page.locator("article.card, .system .bubble >> nth=1").first.wait_for()
    assert at.session != name


@pytest.mark.parametrize(
    ("status", "code", "way_on"),
    [
        pytest.param(409, "cannot_continue", ["Start a new conversation"], id="another-catalogue"),
        pytest.param(409, "conversation_full", ["Start a new conversation"], id="full"),
        pytest.param(422, "invalid", [], id="refused-for-what-it-is"),
        pytest.param(503, "busy", ["Try again"], id="passing"),
    ],
)
def test_no_button_leads_to_the_same_answer_again(
    visit: Any, status: int, code: str, way_on: list[str]
) -> None:
    """'Try again' was offered for ever where nothing but another conversation, or another message, could help."""
    at = visit()
    told = {"error": {"code": code, "message": "So it is."}}
    at.page.route("**/messages", lambda route: route.fulfill(status=status, json=told))
    at.page.locator("#text").fill("A comedy.")
    at.page.keyboard.press("Enter")
    at.page.locator(".problem").wait_for()
    assert at.page.locator(".problem button").all_inner_texts() == way_on
    assert at.page.locator("#text").input_value() == ("" if way_on == ["Try again"] else "A comedy.")


def test_what_was_not_sent_outlives_a_reload(visit: Any, service: Service) -> None:
    at = visit()
    at.page.locator("#text").fill("Half a thou")
    at.page.reload()
    at.page.locator(".system .bubble").first.wait_for()
    assert at.page.locator("#text").input_value() == "Half a thou"
    at.page.route("**/messages", lambda route: route.abort())
    at.page.locator("#text").fill("A comedy.")
    at.page.keyboard.press("Enter")
    at.page.locator(".problem", has_text="cannot be reached").wait_for()
    at.page.unroute("**/messages")
    at.page.reload()
    at.page.locator(".system .bubble").first.wait_for()
    at.page.wait_for_function("document.getElementById('text').value === 'A comedy.'")
    at.page.locator("#text").press("Enter")
    at.page.locator(".system:not(.typing) > .bubble").nth(1).wait_for()
    at.page.reload()
    at.page.locator(".person .bubble").wait_for()
    assert at.page.locator("#text").input_value() == ""


DENIED = """for (const kind of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, kind, { get() { throw new DOMException("denied", "SecurityError"); } });"""


def test_where_the_browser_may_keep_nothing(browser: Browser, service: Service) -> None:
    """The page was blank."""
    at = Visit(browser, "about:blank")
    at.page.add_init_script(DENIED)
    at.page.goto(service.url)
    at.page.locator(".system .bubble").first.wait_for()
    at.say("A thriller.")
    at.page.locator("#theme").click()
    assert at.complaints == []
    at.context.close()


def prefixed(app: Any) -> Any:
    """A proxy that hands on what is below ``/films``."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            path = scope["path"].removeprefix("/films") if scope["path"].startswith("/films/") else "/nowhere"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await app(scope, receive, send)

    return serve


def test_behind_a_path(asking_export: Export, visit: Any, tmp_path: Path) -> None:
    """It was dead behind any."""
    service = Service(Sessions(asking_export, Store(tmp_path / "s.sqlite")), around=prefixed)
    at = visit(f"{service.url}films/")
    at.say("A thriller.")
    name = at.page.evaluate("localStorage.getItem('chatrec.session:/films/')")
    assert [kind for kind, _ in events(service, name)] == ["setting", "message", "reply"]
    assert at.complaints == []
    service.stop()


def test_a_paste_that_is_too_long_is_told_and_not_cut(visit: Any) -> None:
    at = visit()
    at.page.locator("#text").fill("word " * 300)
    assert at.page.locator("#length").inner_text() == "1,499 characters, 499 too many: shorten it to send it."
    at.page.locator("#text").press("Enter")
    assert len(at.page.locator("#text").input_value()) == 1500
    assert at.page.locator(".person").count() == 0
    at.page.locator("#text").fill("A comedy.")
    assert not at.page.locator("#length").is_visible()


CONTRAST = """(card) => {
  const light = (color) => {
    const linear = (c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = color.match(/[\\d.]+/g).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const star = light(getComputedStyle(card.querySelector(".stars label:last-of-type")).color);
  const ground = light(getComputedStyle(card).backgroundColor);
  return (Math.max(star, ground) + 0.05) / (Math.min(star, ground) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_empty_stars_can_be_seen(visit: Any, scheme: str) -> None:
    """Their contrast was 1.36; 3 is asked of what one must see."""
    at = visit(color_scheme=scheme)
    at.say("Hello!")
    at.say("A comedy.")
    card = at.page.locator("article.card").first
    card.locator(".take").click()
    card.locator(".stars").wait_for()
    assert card.evaluate(CONTRAST) >= 3


def test_what_is_announced_is_short_and_right_to_left_is_right_to_left(visit: Any) -> None:
    """About 1,100 characters were announced of each reply."""
    at = visit()
    at.say("Hello!")
    at.say("A comedy.")
    told = at.page.locator("#announce").inner_text()
    title = at.page.locator("article.card h3").first.evaluate("(title) => title.firstChild.textContent")
    assert title in told
    assert 40 < len(told) < 400
    assert at.page.locator("#log").get_attribute("aria-live") == "off"
    at.say("קומדיה בבקשה")
    said = at.page.locator(".person .bubble .said").last
    assert said.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
    at.page.locator("#text").fill("קומדיה")
    assert at.page.locator("#text").evaluate("(one) => getComputedStyle(one).direction") == "rtl"

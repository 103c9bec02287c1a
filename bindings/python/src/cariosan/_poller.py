from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import select
import threading
import weakref
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple, Union

from . import _library
from ._engine import Engine
from ._errors import Error, closed
from ._events import EventQueue
from ._items import Item
from ._posts import LoopPost, Take, ThreadPost

#: Items at a time, so that an event loop gets to its other work in between.
_MOST_ITEMS = 256

#: How long a loop may leave something unpolled before the thread of the package helps out: it may have been stopped.
_PATIENCE_MS = 1000


Post = Union[LoopPost, ThreadPost]


class _Receiver(NamedTuple):
    post: Post
    take: Take


class Poller:
    """Brings what the engine has for this process to those who wait for it.

    Every event loop in which something waits watches the engine's wake-up descriptor and polls; the lock `_turn` lets one at a time
    do it. For those who wait without a loop (a plain `for` over events, log lines) there is a thread, which leaves the work to the
    loops while there are any.
    """

    def __init__(self, engine: Engine, log: Callable[[bytes], None]) -> None:
        self._engine = engine
        self._log = log
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._next_ticket = itertools.count(1)
        self._tickets: Dict[int, _Receiver] = {}
        self._sessions: Dict[int, _Receiver] = {}
        self._subscriptions: Dict[int, weakref.ref[EventQueue]] = {}
        self._posts: Dict[asyncio.AbstractEventLoop, LoopPost] = {}
        self._thread: Optional[threading.Thread] = None
        self._stop: Tuple[int, int] = (-1, -1)
        self._polls = 0
        self._finished = False

    # ---- Who waits ----

    def post(self) -> LoopPost:
        """Of the running event loop, which polls from now on."""
        loop = asyncio.get_running_loop()
        found = self._posts.get(loop)
        if found is not None:
            return found
        self._engine.check_process()
        with self._lock:
            if self._finished:
                raise closed()
            for other in [other for other in self._posts if other.is_closed()]:
                self._posts.pop(other).detach()
            made = LoopPost(loop, self._engine.wake_fd)
            self._posts[loop] = made
        made.watch(self._readable)
        return made

    @contextlib.contextmanager
    def expecting(self, take: Take, post: Optional[ThreadPost] = None) -> Iterator[int]:
        """A ticket to be given to the engine. Its items, and those of the session it may open, go to `take`, in this event loop, or
        to the post of a thread."""
        receiver = _Receiver(post or self.post(), take)
        ticket = next(self._next_ticket)
        self._tickets[ticket] = receiver
        try:
            yield ticket
        except BaseException:
            self._tickets.pop(ticket, None)
            raise

    def forget_session(self, session: int) -> None:
        self._sessions.pop(session, None)

    def subscribe(self, workspace: bytes) -> Tuple[int, EventQueue]:
        queue = EventQueue()
        with self._lock:
            number = self._engine.subscribe(workspace)
            self._subscriptions[number] = weakref.ref(queue)
        return number, queue

    def unsubscribe(self, number: int) -> None:
        """Does nothing if it was done."""
        with self._lock:
            reference = self._subscriptions.pop(number, None)
        if reference is None:
            return
        queue = reference()
        if queue is not None:
            self._hand_over(queue.end(drop=True), None)
        try:
            self._engine.unsubscribe(number)
        except Error as error:
            if error.number not in (_library.NOT_FOUND, _library.UNAVAILABLE):
                raise

    # ---- Polling ----

    def start_thread(self) -> None:
        """For those who wait without an event loop. Does nothing once the chat is closed."""
        self._engine.check_process()
        if self._thread is not None or self._finished:
            return
        with self._lock:
            if self._thread is not None or self._finished:
                return
            self._stop = os.pipe()
            self._thread = threading.Thread(target=self._serve, name="cariosan-poll", daemon=True)
            self._thread.start()

    def poll_some(self, here: Optional[LoopPost] = None) -> None:
        """Polls what is there, unless another thread does. `here`: the post of the loop whose thread this is."""
        if not self._turn.acquire(blocking=False):
            return
        lines: List[bytes] = []
        touched: Set[Post] = set()
        try:
            items, _ = self._engine.poll(_MOST_ITEMS)
            self._polls += 1
            self._sort(items, touched, lines)
        except Error:
            return  # closed meanwhile
        finally:
            self._turn.release()
        self._deliver(touched, here)
        for line in lines:
            self._log(line)

    async def turn(self) -> None:
        """For what the engine does not take yet: lets it, and others, get on with what is there."""
        self.poll_some(self.post())
        await asyncio.sleep(0)

    def finish(self) -> None:
        """After the engine was closed: brings the rest, and tells everyone that there is no more."""
        lines: List[bytes] = []
        touched: Set[Post] = set()
        with self._turn:
            ended = False
            while not ended:
                items, ended = self._engine.poll(_MOST_ITEMS)
                self._sort(items, touched, lines)
        self._finished = True
        self._end_thread()
        with self._lock:
            posts = list(self._posts.values())
            self._posts.clear()
            references = list(self._subscriptions.values())
            self._subscriptions.clear()
        here = _running(posts)
        self._deliver(touched, here)
        for queue in filter(None, (reference() for reference in references)):
            self._hand_over(queue.end(drop=False), here)
        for post in posts:
            _detach(post, here)
        for line in lines:
            self._log(line)

    def _readable(self, post: LoopPost) -> None:
        self.poll_some(post)

    def _sort(self, items: Iterable[Item], touched: Set[Post], lines: List[bytes]) -> None:
        """Puts each item into the post of its receiver."""
        for item in items:
            kind = item.kind
            if kind == _library.TEXT or kind == _library.PING:
                receiver = self._sessions.get(item.handle)
            elif kind == _library.EVENT:
                self._sort_event(item, touched)
                continue
            elif kind == _library.CLOSE:
                receiver = self._sessions.pop(item.handle, None)
            elif kind == _library.LOG:
                lines.append(item.data)
                continue
            elif kind == _library.BODY or kind == _library.PROGRESS:
                receiver = self._tickets.get(item.ticket)
            else:
                receiver = self._tickets.pop(item.ticket, None)
                if kind == _library.ADMITTED and receiver is not None:
                    self._sessions[item.handle] = receiver
            if receiver is not None:
                receiver.post.put(receiver.take, item)
                touched.add(receiver.post)

    def _sort_event(self, item: Item, touched: Set[Post]) -> None:
        with self._lock:
            reference = self._subscriptions.get(item.handle)
        queue = reference() if reference is not None else None
        if queue is None:
            # Nobody can take them any more.
            self.unsubscribe(item.handle)
            return
        for post, take in queue.put(item.data):
            post.put(take, item)
            touched.add(post)

    def _hand_over(self, waiting: Iterable[Tuple[LoopPost, Take]], here: Optional[LoopPost]) -> None:
        for post, take in waiting:
            post.put(take, Item(0))
            self._deliver({post}, here)

    @staticmethod
    def _deliver(touched: Iterable[Post], here: Optional[LoopPost]) -> None:
        for post in touched:
            if isinstance(post, LoopPost) and post is here:
                post.take_all()
            else:
                post.tell()

    # ---- The thread ----

    def _serve(self) -> None:
        descriptor, stop = self._engine.wake_fd, self._stop[0]
        work, end = select.poll(), select.poll()
        for poll in (work, end):
            poll.register(stop, select.POLLIN)
        work.register(descriptor, select.POLLIN)
        helping = False
        while True:
            if self._loops_poll() and not helping:
                before = self._polls
                if end.poll(_PATIENCE_MS):
                    return
                helping = self._polls == before
                if not helping:
                    continue
            found = [number for number, _ in work.poll(0 if helping else None)]
            if stop in found:
                return
            before = self._polls
            if found:
                self.poll_some()
            if self._finished:
                return  # closed by a handler of log lines
            helping = helping and self._polls == before + 1

    def _loops_poll(self) -> bool:
        return any(not loop.is_closed() for loop in list(self._posts))

    def _end_thread(self) -> None:
        with self._lock:
            thread, stop = self._thread, self._stop
            self._stop = (-1, -1)
        if thread is None:
            return
        os.write(stop[1], b"\0")
        if thread is not threading.current_thread():
            thread.join()
        for descriptor in stop:
            os.close(descriptor)


def _running(posts: Iterable[LoopPost]) -> Optional[LoopPost]:
    """The post of the loop whose thread this is."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    return next((post for post in posts if post.loop is loop), None)


def _detach(post: LoopPost, here: Optional[LoopPost]) -> None:
    if post is here or post.loop.is_closed():
        return post.detach()
    try:
        post.loop.call_soon_threadsafe(post.detach)
    except RuntimeError:
        post.detach()

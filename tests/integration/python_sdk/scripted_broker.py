"""The broker's end of a real CURVE connection, which says what a test tells it to say."""

import time

import zmq
import zmq.utils.z85

from relais.v1 import envelope_pb2, frames_pb2

PATIENCE_S = 30.0


class ScriptedBroker:
    """Frames are kept in the order in which they came, pings apart."""

    def __init__(self, test, context, keys=None):
        public, secret = keys or zmq.curve_keypair()
        self.keys = (public, secret)
        self.key = zmq.utils.z85.decode(public)
        self._test = test
        self._socket = context.socket(zmq.ROUTER)
        self._socket.linger = 0
        self._socket.curve_server = True
        self._socket.curve_secretkey = secret
        self.endpoint = f"tcp://127.0.0.1:{self._socket.bind_to_random_port('tcp://127.0.0.1')}"
        self.session = 0
        self.peer = b""
        self.pings = 0
        test.addCleanup(self._socket.close)

    def receive(self, patience_s=PATIENCE_S):
        """The next frame that is more than a ping; None when there is none in time."""
        until = time.monotonic() + patience_s
        while self._socket.poll(max(0, int((until - time.monotonic()) * 1_000))):
            self.peer, data = self._socket.recv_multipart()
            frame = frames_pb2.AdapterFrame.FromString(data)
            self.pings += frame.HasField("ping")
            frame.ClearField("ping")
            if len(frame.ListFields()) > 1 or frame.HasField("hello"):
                return frame
        return None

    def next(self, wanted):
        """The first frame from now on that `wanted` agrees to."""
        while frame := self.receive():
            if wanted(frame):
                return frame
        raise self._test.failureException("no such frame came")

    def say(self, session=None, **parts):
        frame = frames_pb2.BrokerFrame(session=self.session if session is None else session, **parts)
        self.say_bytes(frame.SerializeToString())

    def say_bytes(self, data):
        self._socket.send_multipart([self.peer, data])

    def welcome(self, session, **changes):
        """Answers the next Hello, and answers it."""
        hello = self.next(lambda frame: frame.HasField("hello"))
        self.session = session
        whole = {"protocol_version": 1, "broker": "scripted", "network_version": 1, "heartbeat_ms": 400, "silence_ms": 2_000,
                 "frame_bytes_max": 1 << 20, "message_bytes_max": 1 << 20, "credit_messages_max": 100,
                 "credit_bytes_max": 1 << 20, **changes}
        self.say(welcome=frames_pb2.Welcome(**whole))
        return hello.hello

    def submits(self):
        """(message id, bytes of the submission) of the next frame that brings some."""
        frame = self.next(lambda one: one.submits)
        return [(envelope_pb2.Envelope.FromString(one.envelope).message_id, one.SerializeToString()) for one in frame.submits]

    def receipt(self, message_id, position=1):
        self.say(receipts=[frames_pb2.Receipt(message_id=message_id, position=position)])

    def settled(self):
        """{delivery id: verdict} of the next frame that settles some."""
        frame = self.next(lambda one: one.settles)
        return {number: one for one in frame.settles for number in one.delivery_ids}

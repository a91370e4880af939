"""Prints each of Nova's notifications as a line of JSON, as oslo.messaging understands it: oslo_listener.py URL DURABLE"""
import json
import sys

import oslo_messaging
from oslo_config import cfg

url, durable = sys.argv[1:]
conf = cfg.ConfigOpts()
conf([])
transport = oslo_messaging.get_notification_transport(conf, url=url)
conf.set_override('amqp_durable_queues', durable == 'true', group='oslo_messaging_rabbit')


class Endpoint:
    def info(self, context, publisher, event, payload, metadata):
        notification = {'context': context, 'publisher': publisher, 'event': event, 'payload': payload, 'metadata': metadata}
        print(json.dumps(notification), flush=True)


targets = [oslo_messaging.Target(exchange='nova', topic=topic) for topic in ('notifications', 'versioned_notifications')]
listener = oslo_messaging.get_notification_listener(transport, targets, [Endpoint()], executor='threading')
# One thread for all messages, since several would reorder them.
conf.set_override('executor_thread_pool_size', 1)
listener.start()
print('listening', flush=True)
sys.stdin.read()
listener.stop()
listener.wait()

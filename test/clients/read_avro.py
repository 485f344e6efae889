"""Reads a topic with Confluent's AvroDeserializer and prints each record as a line of JSON.

usage: read_avro.py BOOTSTRAP REGISTRY TOPIC COUNT"""
import base64, datetime, decimal, json, sys, uuid
from confluent_kafka import DeserializingConsumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer

bootstrap, registry, topic, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
client = SchemaRegistryClient({"url": registry})
consumer = DeserializingConsumer({
    "bootstrap.servers": bootstrap, "group.id": str(uuid.uuid4()), "auto.offset.reset": "earliest",
    "key.deserializer": AvroDeserializer(client), "value.deserializer": AvroDeserializer(client)})
consumer.subscribe([topic])


def plain(x):
    if isinstance(x, bytes):
        return base64.b64encode(x).decode()
    return str(x) if isinstance(x, (decimal.Decimal, datetime.date, datetime.datetime, uuid.UUID)) else repr(x)


seen, waited = 0, 0
while seen < count and waited < 60:
    m = consumer.poll(1.0)
    if m is None:
        waited += 1
        continue
    if m.error():
        sys.exit(str(m.error()))
    print(json.dumps({"key": m.key(), "value": m.value()}, default=plain), flush=True)
    seen += 1
consumer.close()
sys.exit(0 if seen == count else "only %d of %d records came" % (seen, count))

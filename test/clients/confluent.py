"""Confluent's Python client against a registry and a broker. Each test is a function; a line of JSON tells how it ended, and
the last one which topics have records.

usage: confluent.py REGISTRY BOOTSTRAP"""
import json, sys, time, traceback, urllib.request, uuid
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient, Metadata, MetadataProperties, MetadataTags, Rule, RuleKind, RuleMode, RuleSet, Schema, SchemaReference,
    SchemaRegistryClient, ServerConfig, ConfigCompatibilityLevel, header_schema_id_serializer, topic_record_subject_name_strategy)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.common.schema_registry_client import AssociationCreateOrUpdateInfo, AssociationCreateOrUpdateRequest
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.schema_registry.rules.cel.cel_executor import CelExecutor
from confluent_kafka.schema_registry.rules.cel.cel_field_executor import CelFieldExecutor
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

registry, bootstrap = sys.argv[1:3]
run = uuid.uuid4().hex[:8]
CelExecutor.register()
CelFieldExecutor.register()


def client(context=None):
    return SchemaRegistryClient({"url": registry + ("/contexts/" + context if context else "")})


def record(name, *fields):
    return json.dumps({"type": "record", "name": name, "namespace": "shop", "fields": [{"name": n, "type": t} if d is None else {"name": n, "type": t, "default": d} for n, t, d in fields]})


ITEM = record("Item", ("id", "long", None), ("name", "string", None))
ITEM2 = record("Item", ("id", "long", None), ("name", "string", None), ("stock", "int", 7))


def refused(code, call, *args, **kw):
    try:
        got = call(*args, **kw)
    except SchemaRegistryError as e:
        assert e.error_code == code, "error code %s, want %s: %s" % (e.error_code, code, e)
        return e
    raise AssertionError("%s was not refused, but answered %r" % (args, got))


def same(got, want):
    assert got == want, "got %r, want %r" % (got, want)


def through_kafka(topic, serializer, deserializer, values):
    """Produces values and reads them back. Returns what was read, with headers and bytes."""
    producer, ctx = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0}), []
    for v in values:
        headers = []
        data = serializer(v, SerializationContext(topic, MessageField.VALUE, headers))
        producer.produce(topic, value=data, headers=headers)
    assert producer.flush(30) == 0, "not all records were produced"
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": run + topic, "auto.offset.reset": "earliest", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    out = []
    for _ in range(300):
        m = consumer.poll(0.1)
        if m is None:
            continue
        assert m.error() is None, m.error()
        headers = m.headers() or []
        out.append((deserializer(m.value(), SerializationContext(topic, MessageField.VALUE, headers)), headers, m.value()))
        if len(out) == len(values):
            consumer.close()
            return out
    raise AssertionError("%d of %d records came" % (len(out), len(values)))


def test_client_calls():
    c, s = client(), "calls-" + run
    ITEM, ITEM2 = (t.replace("shop", "shop" + run) for t in (globals()["ITEM"], globals()["ITEM2"]))
    same(sorted(c.get_schema_types()), ["AVRO", "JSON", "PROTOBUF"])
    id1 = c.register_schema(s, Schema(ITEM))
    full = c.register_schema_full_response(s, Schema(ITEM2))
    same((full.version, full.subject in (None, s)), (2, True))
    fresh = client()
    same(fresh.get_schema(id1).schema_type, "AVRO")
    same(json.loads(fresh.get_schema(id1, s).schema_str)["name"], "Item")
    same(client().get_schema_by_guid(full.guid).schema_str, full.schema.schema_str)
    same(c.get_subjects_by_schema_id(id1), [s])
    same([(v.subject, v.version) for v in c.get_schema_versions(id1)], [(s, 1)])
    found = client().lookup_schema(s, Schema(ITEM))
    same((found.schema_id, found.version, found.subject), (id1, 1, s))
    refused(40403, client().lookup_schema, s, Schema('"int"'))
    refused(40401, client().lookup_schema, "none-" + run, Schema('"int"'))
    assert s in c.get_subjects() and s in c.get_subjects(subject_prefix="calls-"), "the subject is not listed"
    same(c.get_versions(s), [1, 2])
    same((c.get_latest_version(s).version, c.get_version(s, 1).schema_id), (2, id1))
    refused(40402, c.get_version, s, 9)
    refused(40401, c.get_latest_version, "none-" + run)
    refused(42201, c.register_schema, s, Schema('{"type":"nothing"}'))
    bad = ITEM.replace("long", "string")
    e = refused(40901, c.register_schema, s, Schema(bad))
    assert "READER_FIELD_MISSING" in str(e) or "TYPE_MISMATCH" in str(e), str(e)
    same((c.test_compatibility(s, Schema(ITEM)), c.test_compatibility(s, Schema(bad))), (True, False))
    same(c.test_compatibility_all_versions(s, Schema(bad)), False)
    same(c.set_compatibility(s, "NONE")["compatibility"], "NONE")
    same(c.get_compatibility(s), "NONE")
    c.set_config(s, ServerConfig(compatibility=ConfigCompatibilityLevel.FULL, compatibility_group="major"))
    got = c.get_config(s)
    same((got.compatibility_level, got.compatibility_group), (ConfigCompatibilityLevel.FULL, "major"))
    c.delete_config(s)
    refused(40408, c.get_config, s)
    refused(42203, c.set_compatibility, s, "SOMETIMES")
    same(c.update_mode(s, "READONLY"), "READONLY")
    same(c.get_mode(s), "READONLY")
    refused(42205, client().register_schema, s, Schema(ITEM.replace("long", "int")))
    c.delete_mode(s)
    assert c.get_global_mode() == "READWRITE" and c.get_compatibility() == "BACKWARD"
    assert "." in c.get_contexts(), "the default context is not listed"
    target, referrer = c.register_schema(s + "-ref", Schema(record("Ref", ("id", "long", None)))), None
    referrer = c.register_schema(s + "-use", Schema(record("Use", ("ref", "shop.Ref", None)), references=[SchemaReference("shop.Ref", s + "-ref", 1)]))
    same(c.get_referenced_by(s + "-ref", 1), [referrer])
    refused(42206, c.delete_subject, s + "-ref")
    same(c.delete_version(s, 1), 1)
    refused(40406, c.delete_version, s, 1)
    same((c.get_versions(s), c.get_subjects_by_schema_id(id1, deleted=True)), ([2], [s]))
    same(c.delete_version(s, 1, permanent=True), 1)
    same(c.delete_subject(s), [2])
    refused(40404, c.delete_subject, s)
    same(c.delete_subject(s, permanent=True), [2])
    refused(40401, c.get_versions, s)


def test_metadata():
    c, s = client(), "metadata-" + run
    for owner in "ann", "bob", "ann":
        c.register_schema(s, Schema(record("R%d" % len(s), ("id", "long", None)), metadata=Metadata(
            tags=MetadataTags({"R.id": ["PII"]}), properties=MetadataProperties({"owner": owner}), sensitive=[])))
    got = c.get_latest_with_metadata(s, {"owner": "ann"})
    same((got.version, got.schema.metadata.properties.properties), (1, {"owner": "ann"}))
    same(got.schema.metadata.tags.tags, {"R.id": ["PII"]})
    same(c.get_latest_version(s).version, 2)
    refused(40403, c.get_latest_with_metadata, s, {"owner": "cid"})


def test_contexts():
    plain, inside, s = client(), client(".c" + run), "in-" + run
    inside.register_schema(s, Schema(ITEM))
    assert ".c" + run in plain.get_contexts(), "the context is not listed"
    same(inside.get_versions(s), [1])
    same(plain.get_versions(":.c%s:%s" % (run, s)), [1])
    same(inside.get_subjects(subject_prefix="in-"), [":.c%s:%s" % (run, s)])


def test_avro():
    topic, c = "py-avro-" + run, client()
    values = [{"id": i, "name": "ü%d" % i} for i in range(20)]
    got = through_kafka(topic, AvroSerializer(c, ITEM), AvroDeserializer(client()), values)
    same([v for v, _, _ in got], values)
    id = c.get_latest_version(topic + "-value").schema_id
    same({data[:5] for _, _, data in got}, {b"\0" + id.to_bytes(4, "big")})
    # A reader with the newer schema sees its default.
    newer = AvroDeserializer(client(), ITEM2)
    same(newer(got[0][2], SerializationContext(topic, MessageField.VALUE)), {"id": 0, "name": "ü0", "stock": 7})


def test_avro_references():
    topic, c = "py-avroref-" + run, client()
    c.register_schema("item-" + run, Schema(ITEM))
    order = Schema(record("Order", ("item", "shop.Item", None)), "AVRO", [SchemaReference("shop.Item", "item-" + run, 1)])
    values = [{"item": {"id": 1, "name": "one"}}]
    got = through_kafka(topic, AvroSerializer(c, order), AvroDeserializer(client()), values)
    same(got[0][0], values[0])
    same(client().get_latest_version(topic + "-value").schema.references[0].subject, "item-" + run)


def test_auto_registration_off():
    topic = "py-fixed-" + run
    ctx = SerializationContext(topic, MessageField.VALUE)
    refused(40401, AvroSerializer(client(), ITEM, conf={"auto.register.schemas": False}), {"id": 1, "name": "x"}, ctx)
    id = client().register_schema(topic + "-value", Schema(ITEM))
    data = AvroSerializer(client(), ITEM, conf={"auto.register.schemas": False})({"id": 1, "name": "x"}, ctx)
    same(int.from_bytes(data[1:5], "big"), id)


def test_latest_version():
    topic, c = "py-latest-" + run, client()
    c.register_schema(topic + "-value", Schema(ITEM))
    id2 = c.register_schema(topic + "-value", Schema(ITEM2))
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    data = AvroSerializer(client(), ITEM, conf=conf)({"id": 1, "name": "x", "stock": 3}, SerializationContext(topic, MessageField.VALUE))
    same(int.from_bytes(data[1:5], "big"), id2)
    same(AvroDeserializer(client())(data, SerializationContext(topic, MessageField.VALUE))["stock"], 3)


def test_normalize():
    topic = "py-normal-" + run
    spaced = '{ "fields": [ {"type": {"type": "long"}, "name": "id"} ], "namespace": "shop", "name": "N", "type": "record" }'
    for text in spaced, json.dumps(json.loads(spaced), sort_keys=True):
        AvroSerializer(client(), text, conf={"normalize.schemas": True})({"id": 1}, SerializationContext(topic, MessageField.VALUE))
    same(client().get_versions(topic + "-value"), [1])
    refused(40403, client().lookup_schema, topic + "-value", Schema('"int"'), normalize_schemas=True)
    same(client().lookup_schema(topic + "-value", Schema(spaced), normalize_schemas=True).version, 1)


def test_header_guid():
    topic, c = "py-guid-" + run, client()
    values = [{"id": 1, "name": "longer"}]
    got = through_kafka(topic, AvroSerializer(c, ITEM, conf={"schema.id.serializer": header_schema_id_serializer}), AvroDeserializer(client()), values)
    value, headers, data = got[0]
    same(value, values[0])
    guid = client().get_latest_version(topic + "-value").guid
    same(headers, [("__value_schema_id", b"\1" + uuid.UUID(guid).bytes)])
    assert data[:1] == b"\2", "the payload is not bare: %r" % data


def test_subject_names():
    topic = "py-names-" + run
    conf = {"subject.name.strategy": topic_record_subject_name_strategy}
    AvroSerializer(client(), ITEM, conf=conf)({"id": 1, "name": "x"}, SerializationContext(topic, MessageField.KEY))
    same(client().get_versions(topic + "-shop.Item"), [1])


def test_associated_names():
    """Where no association is, the fallback names the subject."""
    for fallback, subject in (None, "py-assoc-%s-value"), ("RECORD", "shop.Item"), ("TOPIC_RECORD", "py-assoc-%s-shop.Item"):
        conf = {"subject.name.strategy.type": "ASSOCIATED", "subject.name.strategy.conf": {"subject.name.strategy.fallback.type": fallback} if fallback else {}}
        topic = "py-assoc-" + run
        AvroSerializer(client(), ITEM, conf=conf)({"id": 1, "name": "x"}, SerializationContext(topic, MessageField.VALUE))
        assert (subject % run if "%" in subject else subject) in client().get_subjects(), subject


def test_associations():
    """A topic's subject is the one that the registry associates with it, until the association is taken away."""
    c, topic, subject = client(), "py-tied-" + run, "tied-" + run
    c.register_schema(subject, Schema(ITEM))
    made = c.create_association(AssociationCreateOrUpdateRequest(
        resource_name=topic, resource_namespace="lkc", resource_id="id-" + run, resource_type="topic",
        associations=[AssociationCreateOrUpdateInfo(subject=subject, association_type="value", lifecycle="WEAK")]))
    same((made.resource_name, [(a.subject, a.association_type, a.lifecycle) for a in made.associations]), (topic, [(subject, "value", "WEAK")]))
    for namespace in "lkc", "-":
        same([(a.subject, a.association_type) for a in c.get_associations_by_resource_name(topic, namespace, "topic", ["value"])], [(subject, "value")])
    same(c.get_associations_by_resource_name(topic, "lkc", "topic", ["key"]), [])
    conf = {"subject.name.strategy.type": "ASSOCIATED", "auto.register.schemas": False}
    ctx = SerializationContext(topic, MessageField.VALUE)
    data = AvroSerializer(client(), ITEM, conf=conf)({"id": 1, "name": "x"}, ctx)
    same(AvroDeserializer(client(), conf={"subject.name.strategy.type": "ASSOCIATED"})(data, ctx)["name"], "x")
    c.delete_associations("id-" + run, "topic", ["value"], cascade_lifecycle=False)
    same(c.get_associations_by_resource_name(topic, "-"), [])
    refused(40401, AvroSerializer(client(), ITEM, conf=conf), {"id": 1, "name": "x"}, ctx)


def field(name, number, kind, type_name=None, label=1):
    return descriptor_pb2.FieldDescriptorProto(name=name, number=number, type=kind, type_name=type_name, label=label)


def protos():
    """Two files: money.proto, and order.proto that imports it and Google's timestamp and has several messages."""
    F, dir = descriptor_pb2.FieldDescriptorProto, "p" + run
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    money = descriptor_pb2.FileDescriptorProto(name=dir + "/money.proto", package="pay", syntax="proto3")
    money.message_type.add(name="Money").field.extend([field("currency", 1, F.TYPE_STRING), field("units", 2, F.TYPE_INT64)])
    order = descriptor_pb2.FileDescriptorProto(name=dir + "/order.proto", package="shop", syntax="proto3", dependency=[dir + "/money.proto", "google/protobuf/timestamp.proto"])
    order.message_type.add(name="Order").field.extend([
        field("id", 1, F.TYPE_INT64), field("total", 2, F.TYPE_MESSAGE, ".pay.Money"), field("at", 3, F.TYPE_MESSAGE, ".google.protobuf.Timestamp"), field("tags", 4, F.TYPE_STRING, label=3)])
    refund = order.message_type.add(name="Refund")
    refund.field.extend([field("order_id", 1, F.TYPE_INT64), field("line", 2, F.TYPE_MESSAGE, ".shop.Refund.Line", 3)])
    refund.nested_type.add(name="Line").field.extend([field("n", 1, F.TYPE_INT32)])
    for f in money, order:
        pool.Add(f)
    get = lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    return get("shop.Order"), get("shop.Refund"), get("shop.Refund.Line"), get("pay.Money"), dir


def test_protobuf():
    Order, Refund, Line, Money, dir = protos()
    first = Order(id=1, total=Money(currency="EUR", units=5), tags=["a"])
    first.at.seconds = 9
    for kind, value, indexes in (
            (Order, first, b"\0"),
            (Refund, Refund(order_id=1, line=[Line(n=3)]), b"\2\2"), (Line, Line(n=4), b"\4\2\0")):
        topic = "py-proto-%s-%s" % (kind.DESCRIPTOR.name.lower(), run)
        got = through_kafka(topic, ProtobufSerializer(kind, client(), {"use.deprecated.format": False}), ProtobufDeserializer(kind, {"use.deprecated.format": False}, client()), [value])
        same(got[0][0].SerializeToString(deterministic=True), value.SerializeToString(deterministic=True))
        same(got[0][2][5:5 + len(indexes)], indexes)
    c = client()
    latest = c.get_latest_version("py-proto-order-%s-value" % run)
    same([r.name for r in latest.schema.references], [dir + "/money.proto"])  # Google's own files are known everywhere
    same(latest.schema.schema_type, "PROTOBUF")
    same(c.get_versions(dir + "/money.proto"), [1])
    # The same file under another subject is the same schema.
    same(c.get_latest_version("py-proto-line-%s-value" % run).schema_id, latest.schema_id)
    # In the header, the indexes follow the GUID.
    topic = "py-protoguid-" + run
    got = through_kafka(topic, ProtobufSerializer(Line, client(), {"use.deprecated.format": False, "schema.id.serializer": header_schema_id_serializer}),
                        ProtobufDeserializer(Line, {"use.deprecated.format": False}, client()), [Line(n=4)])
    same((got[0][0].n, got[0][1]), (4, [("__value_schema_id", b"\1" + uuid.UUID(latest.guid).bytes + b"\4\2\0")]))


PERSON = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Person", "type": "object", "additionalProperties": False,
          "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}}, "required": ["name"]}


def test_logical_types():
    """A schema that was registered as DDL is one that serializers write with, and is shown as DDL again."""
    ddl = """NAMESPACE shop;
STRUCT Sale (
  id BIGINT NOT NULL CHECK (id > 0),
  item STRING NOT NULL,
  price DECIMAL(8, 2),
  tags ARRAY<STRING NOT NULL> NOT NULL
);
"""
    value = {"id": 7, "item": "tea", "price": None, "tags": ["a", "b"]}
    for kind, serializer, deserializer in (("AVRO", AvroSerializer, AvroDeserializer), ("JSON", JSONSerializer, JSONDeserializer)):
        topic, c = "py-ddl-%s-%s" % (kind.lower(), run), client()
        c.register_schema(topic + "-value", Schema(ddl, kind))
        stored = c.get_latest_version(topic + "-value")
        assert "STRUCT" not in stored.schema.schema_str, stored.schema.schema_str
        same(stored.schema.schema_type, kind)
        same(c.get_version(topic + "-value", 1, fmt="logical").schema.schema_str, ddl)
        same(c.lookup_schema(topic + "-value", Schema(ddl, kind)).version, 1)
        use = {"auto.register.schemas": False, "use.latest.version": True}
        write = serializer(None, client(), conf=use) if kind == "JSON" else serializer(client(), conf=use)
        read = deserializer(None, schema_registry_client=client()) if kind == "JSON" else deserializer(client())
        same([v for v, _, _ in through_kafka(topic, write, read, [value])], [value])
        put = urllib.request.Request("%s/config/%s-value" % (registry, topic), method="PUT", data=b'{"compatibilityPolicy": "LOGICAL"}', headers={"Content-Type": "application/json"})
        urllib.request.urlopen(put).close()
        refused(40901, c.register_schema, topic + "-value", Schema(ddl.replace("  item STRING NOT NULL,\n", ""), kind))


def test_json():
    topic = "py-json-" + run
    values = [{"name": "Ann", "age": 3}, {"name": "Bob"}]
    serializer = JSONSerializer(json.dumps(PERSON), client())
    got = through_kafka(topic, serializer, JSONDeserializer(None, schema_registry_client=client()), values)
    same([v for v, _, _ in got], values)
    try:
        serializer({"name": "Ann", "age": -1}, SerializationContext(topic, MessageField.VALUE))
        raise AssertionError("a value that does not fit was taken")
    except SerializationError:
        pass
    refused(40901, client().register_schema, topic + "-value", Schema(json.dumps({**PERSON, "required": ["name", "age"]}), "JSON"))


def test_json_references():
    topic, c, name = "py-jsonref-" + run, client(), "http://example.com/person-%s.json" % run
    c.register_schema("person-" + run, Schema(json.dumps({**PERSON, "$id": name}), "JSON"))
    team = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Team", "type": "object", "properties": {"lead": {"$ref": name}}}
    serializer = JSONSerializer(Schema(json.dumps(team), "JSON", [SchemaReference(name, "person-" + run, 1)]), client())
    got = through_kafka(topic, serializer, JSONDeserializer(None, schema_registry_client=client()), [{"lead": {"name": "Ann"}}])
    same(got[0][0], {"lead": {"name": "Ann"}})
    try:
        serializer({"lead": {"name": 1}}, SerializationContext(topic, MessageField.VALUE))
        raise AssertionError("a value that does not fit the referenced schema was taken")
    except SerializationError:
        pass


def rule(name, kind, mode, type, expr, tags=None):
    return Rule(name, "", kind, mode, type, tags, None, expr, None, None, False)


def test_cel_rules():
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    text = json.dumps({"type": "record", "name": "User", "namespace": "shop", "fields": [
        {"name": "name", "type": "string"}, {"name": "ssn", "type": "string", "confluent:tags": ["PII"]}]})
    topic = "py-rules-" + run
    rules = RuleSet(None, [
        rule("nameIsSet", RuleKind.CONDITION, RuleMode.WRITE, "CEL", "message.name != ''"),
        rule("maskPII", RuleKind.TRANSFORM, RuleMode.WRITE, "CEL_FIELD", "typeName == 'STRING' ; value + '-masked'", ["PII"])])
    client().register_schema(topic + "-value", Schema(text, "AVRO", [], None, rules))
    same([r.name for r in client().get_latest_version(topic + "-value").schema.rule_set.domain_rules], ["nameIsSet", "maskPII"])
    serializer = AvroSerializer(client(), text, conf=conf)
    got = through_kafka(topic, serializer, AvroDeserializer(client()), [{"name": "Ann", "ssn": "1"}])
    same(got[0][0], {"name": "Ann", "ssn": "1-masked"})
    try:
        serializer({"name": "", "ssn": "1"}, SerializationContext(topic, MessageField.VALUE))
        raise AssertionError("a message that violates the contract was taken")
    except SerializationError as e:
        assert "message.name != ''" in repr(e.__cause__), repr(e.__cause__)
    refused(42210, client().register_schema, topic + "-bad", Schema(text, "AVRO", [], None, RuleSet(None, [rule("", RuleKind.CONDITION, RuleMode.UPGRADE, "CEL", "true")])))

    topic = "py-jsonrules-" + run
    client().register_schema(topic + "-value", Schema(json.dumps(PERSON), "JSON", [], None, RuleSet(None, [rule("adult", RuleKind.CONDITION, RuleMode.WRITEREAD, "CEL", "message.age >= 18")])))
    serializer = JSONSerializer(json.dumps(PERSON), client(), conf=conf)
    ctx = SerializationContext(topic, MessageField.VALUE)
    same(JSONDeserializer(None, schema_registry_client=client())(serializer({"name": "Ann", "age": 20}, ctx), ctx)["age"], 20)
    try:
        serializer({"name": "Bob", "age": 3}, ctx)
        raise AssertionError("a message that violates the contract was taken")
    except SerializationError:
        pass


def test_migration_rules():
    """A reader of version 2 reads what version 1 wrote, by the rule that the registry keeps."""
    topic, c = "py-migrate-" + run, client()
    major = lambda n: Metadata(None, MetadataProperties({"major": n}), None)
    c.set_config(topic + "-value", ServerConfig(compatibility_group="major"))
    one = record("Doc", ("id", "long", None))
    two = record("Doc", ("id", "long", None), ("title", "string", None))
    c.register_schema(topic + "-value", Schema(one, "AVRO", [], major("1")))
    data = AvroSerializer(client(), one, conf={"auto.register.schemas": False, "use.latest.with.metadata": {"major": "1"}})({"id": 1}, SerializationContext(topic, MessageField.VALUE))
    up = RuleSet([rule("up", RuleKind.TRANSFORM, RuleMode.UPGRADE, "JSONATA", "$merge([$, {'title': 'none'}])")], None)
    c.register_schema(topic + "-value", Schema(two, "AVRO", [], major("2"), up))
    from confluent_kafka.schema_registry.rules.jsonata.jsonata_executor import JsonataExecutor
    JsonataExecutor.register()
    reader = AvroDeserializer(client(), None, conf={"use.latest.with.metadata": {"major": "2"}})
    same(reader(data, SerializationContext(topic, MessageField.VALUE)), {"id": 1, "title": "none"})


def test_async_client():
    import asyncio

    async def ask():
        c = AsyncSchemaRegistryClient({"url": registry})
        id = await c.register_schema("async-" + run, Schema(ITEM))
        same((await c.get_schema(id)).schema_type, "AVRO")
        same(await c.get_versions("async-" + run), [1])

    asyncio.run(ask())


tests = [(name[5:], f) for name, f in list(globals().items()) if name.startswith("test_")]
admin = AdminClient({"bootstrap.servers": bootstrap})
names = ["avro", "avroref", "guid", "proto-order", "proto-refund", "proto-line", "protoguid", "json", "jsonref", "rules"]
for f in admin.create_topics([NewTopic("py-%s-%s" % (n, run), 1, 1) for n in names]).values():
    f.result(30)
for name, f in tests:
    fault, start = None, time.time()
    try:
        f()
    except BaseException:
        fault = traceback.format_exc(limit=-6)
    print(json.dumps({"test": name, "fault": fault, "seconds": round(time.time() - start, 1)}), flush=True)
print(json.dumps({"topics": ["py-%s-%s" % (n, run) for n in names]}))

// Confluent's and KafkaJS's Node clients against a registry. Each test is a function; a line of JSON tells how it ended.
// usage: node clients.js REGISTRY, with NODE_PATH set to where the packages are
const assert = require('node:assert/strict')
const { AvroDeserializer, AvroSerializer, CelExecutor, CelFieldExecutor, HeaderSchemaIdSerializer, JsonDeserializer, JsonSerializer, ProtobufDeserializer, ProtobufSerializer, SchemaRegistryClient, SerdeType } = require('@confluentinc/schemaregistry')
const { SchemaRegistry, SchemaType, COMPATIBILITY } = require('@kafkajs/confluent-schema-registry')
const { create, createFileRegistry, createMutableRegistry, fromJson } = require('@bufbuild/protobuf')
const { FileDescriptorSetSchema } = require('@bufbuild/protobuf/wkt')
const { randomBytes } = require('node:crypto')

const url = process.argv[2]
const run = randomBytes(4).toString('hex')
const client = () => new SchemaRegistryClient({ baseURLs: [url] })
const kafkajs = () => new SchemaRegistry({ host: url })
const refused = (code, promise) => assert.rejects(promise, (e) => {
  assert.equal(e.errorCode ?? e.code ?? e.response?.data?.error_code, code, `${e}`)
  return true
})
const record = (name, ...fields) => JSON.stringify({ type: 'record', name, namespace: 'node' + run, fields })
const item = record('Item', { name: 'id', type: 'int' }, { name: 'name', type: 'string' })
const item2 = record('Item', { name: 'id', type: 'int' }, { name: 'name', type: 'string' }, { name: 'stock', type: 'int', default: 7 })
const person = JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title: 'Person', type: 'object', additionalProperties: false, properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name'] })
const onlyLatest = { autoRegisterSchemas: false, useLatestVersion: true }

const tests = {
  async calls() {
    const c = client(); const s = 'node-calls-' + run
    const id = await c.register(s, { schema: item, schemaType: 'AVRO' })
    const second = await c.registerFullResponse(s, { schema: item2, schemaType: 'AVRO' }, false)
    assert.equal(second.version ?? 2, 2)
    assert.equal(JSON.parse((await client().getBySubjectAndId(s, id)).schema).name, 'Item')
    assert.equal(JSON.parse((await client().getByGuid(second.guid)).schema).fields.length, 3)
    assert.equal(await client().getId(s, { schema: item, schemaType: 'AVRO' }), id)
    assert.equal((await c.getLatestSchemaMetadata(s)).version, 2)
    assert.equal((await c.getSchemaMetadata(s, 1)).id, id)
    assert.deepEqual(await c.getAllVersions(s), [1, 2])
    assert.equal(await c.getVersion(s, { schema: item, schemaType: 'AVRO' }, false, false), 1)
    assert.ok((await c.getAllSubjects()).includes(s))
    const bad = { schema: item.replace('"int"', '"string"'), schemaType: 'AVRO' }
    assert.equal(await c.testSubjectCompatibility(s, { schema: item, schemaType: 'AVRO' }), true)
    assert.equal(await c.testSubjectCompatibility(s, bad), false)
    assert.equal(await c.testCompatibility(s, 1, bad), false)
    await refused(40901, c.register(s, bad))
    await refused(42201, c.register(s, { schema: '{', schemaType: 'AVRO' }))
    assert.equal(await c.updateCompatibility(s, 'NONE'), 'NONE')
    assert.equal(await c.getCompatibility(s), 'NONE')
    await c.updateConfig(s, { compatibility: 'FULL', normalize: true })
    assert.equal((await c.getConfig(s)).compatibilityLevel, 'FULL')
    assert.equal(await c.getDefaultCompatibility(), 'BACKWARD')
    assert.equal(await c.deleteSubjectVersion(s, 1), 1)
    assert.deepEqual(await c.deleteSubject(s), [2])
    assert.deepEqual(await c.deleteSubject(s, true), [1, 2])
    await refused(40401, client().getAllVersions(s))
  },

  async metadata() {
    const c = client(); const s = 'node-metadata-' + run
    for (const owner of ['ann', 'bob']) await c.register(s, { schema: item, schemaType: 'AVRO', metadata: { properties: { owner } } })
    assert.equal((await c.getLatestWithMetadata(s, { owner: 'ann' })).version, 1)
  },

  async avro() {
    const topic = 'node-avro-' + run
    await client().register(topic + '-value', { schema: item, schemaType: 'AVRO' })
    const data = await new AvroSerializer(client(), SerdeType.VALUE, onlyLatest).serialize(topic, { id: 1, name: 'ü' })
    assert.deepEqual({ ...await new AvroDeserializer(client(), SerdeType.VALUE, {}).deserialize(topic, data) }, { id: 1, name: 'ü' })
  },

  async avroReferences() {
    const topic = 'node-avroref-' + run; const c = client()
    await c.register('node-item-' + run, { schema: item, schemaType: 'AVRO' })
    await c.register(topic + '-value', { schema: record('Order', { name: 'item', type: `node${run}.Item` }), schemaType: 'AVRO', references: [{ name: `node${run}.Item`, subject: 'node-item-' + run, version: 1 }] })
    const data = await new AvroSerializer(client(), SerdeType.VALUE, onlyLatest).serialize(topic, { item: { id: 1, name: 'x' } })
    assert.equal((await new AvroDeserializer(client(), SerdeType.VALUE, {}).deserialize(topic, data)).item.name, 'x')
  },

  async headerGUID() {
    const topic = 'node-guid-' + run; const headers = {}
    const { guid } = await client().registerFullResponse(topic + '-value', { schema: item, schemaType: 'AVRO' }, false)
    const data = await new AvroSerializer(client(), SerdeType.VALUE, { ...onlyLatest, schemaIdSerializer: HeaderSchemaIdSerializer }).serialize(topic, { id: 1, name: 'longer' }, headers)
    assert.equal(data[0], 2)
    assert.equal(Buffer.from(headers.__value_schema_id).toString('hex'), '01' + guid.replaceAll('-', ''))
    assert.equal((await new AvroDeserializer(client(), SerdeType.VALUE, {}).deserialize(topic, data, headers)).name, 'longer')
  },

  async json() {
    const topic = 'node-json-' + run
    await client().register(topic + '-value', { schema: person, schemaType: 'JSON' })
    const serializer = new JsonSerializer(client(), SerdeType.VALUE, { ...onlyLatest, validate: true })
    const data = await serializer.serialize(topic, { name: 'Ann', age: 3 })
    assert.deepEqual(await new JsonDeserializer(client(), SerdeType.VALUE, { validate: true }).deserialize(topic, data), { name: 'Ann', age: 3 })
    await assert.rejects(serializer.serialize(topic, { name: 1 }))
  },

  async rules() {
    const topic = 'node-rules-' + run
    CelExecutor.register()
    CelFieldExecutor.register()
    await client().register(topic + '-value', {
      schema: record('User', { name: 'name', type: 'string' }, { name: 'ssn', type: 'string', 'confluent:tags': ['PII'] }), schemaType: 'AVRO',
      ruleSet: { domainRules: [
        { name: 'nameIsSet', kind: 'CONDITION', mode: 'WRITE', type: 'CEL', expr: "message.name != ''" },
        { name: 'mask', kind: 'TRANSFORM', mode: 'WRITE', type: 'CEL_FIELD', tags: ['PII'], expr: "typeName == 'STRING' ; value + '-masked'" }] },
    })
    const serializer = new AvroSerializer(client(), SerdeType.VALUE, onlyLatest)
    const data = await serializer.serialize(topic, { name: 'Ann', ssn: '1' })
    assert.equal((await new AvroDeserializer(client(), SerdeType.VALUE, {}).deserialize(topic, data)).ssn, '1-masked')
    await assert.rejects(serializer.serialize(topic, { name: '', ssn: '1' }))
  },

  // The serializer registers a file and what it imports as descriptors in base64; the deserializer asks for them in that form.
  async protobuf() {
    const dir = 'node' + run
    const files = createFileRegistry(fromJson(FileDescriptorSetSchema, { file: [
      { name: dir + '/money.proto', package: 'pay', syntax: 'proto3', messageType: [{ name: 'Money', field: [{ name: 'units', number: 1, type: 'TYPE_INT32', label: 'LABEL_OPTIONAL', jsonName: 'units' }] }] },
      { name: dir + '/order.proto', package: 'shop', syntax: 'proto3', dependency: [dir + '/money.proto'], messageType: [
        { name: 'Other' },
        { name: 'Order', field: [{ name: 'total', number: 1, type: 'TYPE_MESSAGE', typeName: '.pay.Money', label: 'LABEL_OPTIONAL', jsonName: 'total' }] }] },
    ] }))
    const registry = createMutableRegistry(files.getMessage('shop.Order'), files.getMessage('pay.Money'))
    const topic = 'node-proto-' + run
    const message = create(files.getMessage('shop.Order'), { total: create(files.getMessage('pay.Money'), { units: 5 }) })
    const data = await new ProtobufSerializer(client(), SerdeType.VALUE, { autoRegisterSchemas: true, registry }).serialize(topic, message)
    assert.deepEqual([...data.subarray(5, 7)], [2, 2])
    const got = await new ProtobufDeserializer(client(), SerdeType.VALUE, {}).deserialize(topic, data)
    assert.equal(got.total.units, 5)
    assert.equal((await client().getSchemaMetadata(dir + '/money.proto', 1)).schemaType, 'PROTOBUF')
    assert.match((await client().getLatestSchemaMetadata(topic + '-value')).schema, /message Order/)
  },

  async kafkajsAvro() {
    const c = kafkajs(); const subject = 'kafkajs-avro-' + run
    const { id } = await c.register({ type: SchemaType.AVRO, schema: item }, { subject, compatibility: COMPATIBILITY.FULL })
    const data = await c.encode(id, { id: 1, name: 'x' })
    assert.deepEqual({ ...await kafkajs().decode(data) }, { id: 1, name: 'x' })
    assert.equal(await kafkajs().getLatestSchemaId(subject), id)
    assert.equal(await kafkajs().getRegistryId(subject, 1), id)
    assert.equal(await kafkajs().getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: item }), id)
    assert.equal((await client().getConfig(subject)).compatibilityLevel, 'FULL')
    await assert.rejects(kafkajs().register({ type: SchemaType.AVRO, schema: item.replace('"int"', '"string"') }, { subject, compatibility: COMPATIBILITY.FULL }), /incompatible/)
    await assert.rejects(kafkajs().register({ type: SchemaType.AVRO, schema: item2 }, { subject, compatibility: COMPATIBILITY.NONE }), /does not match the configuration/)
  },

  async kafkajsJSON() {
    const c = kafkajs()
    const { id } = await c.register({ type: SchemaType.JSON, schema: person }, { subject: 'kafkajs-json-' + run })
    assert.deepEqual(await kafkajs().decode(await c.encode(id, { name: 'Ann' })), { name: 'Ann' })
    await assert.rejects(c.encode(id, { age: 'x' }))
  },

  async kafkajsProtobuf() {
    const c = kafkajs(); const path = `kafkajs${run}/money.proto`
    await c.register({ type: SchemaType.PROTOBUF, schema: 'syntax = "proto3";\npackage pay;\n\nmessage Money {\n  int32 units = 1;\n}\n' }, { subject: path })
    const { id } = await c.register({
      type: SchemaType.PROTOBUF, references: [{ name: path, subject: path, version: 1 }],
      schema: `syntax = "proto3";\npackage shop;\n\nimport "${path}";\n\nmessage Order {\n  pay.Money total = 1;\n  repeated string tags = 2;\n}\n`,
    }, { subject: 'kafkajs-proto-' + run })
    const got = await kafkajs().decode(await c.encode(id, { total: { units: 5 }, tags: ['a'] }))
    assert.deepEqual([got.total.units, got.tags], [5, ['a']])
  },
}

async function main() {
  for (const [test, f] of Object.entries(tests)) {
    let fault = null; const start = Date.now()
    try {
      await f()
    } catch (e) {
      fault = `${e.stack}\n${JSON.stringify(e.response?.data ?? e.cause ?? null)}`
    }
    console.log(JSON.stringify({ test, fault, seconds: (Date.now() - start) / 1000 }))
  }
}

main().then(() => process.exit(0))

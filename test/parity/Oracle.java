import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaNormalization;

/**
 * Answers questions, one JSON object a line, with what Apache Avro says: {"schema"} with its text and fingerprint, {"reader",
 * "writer"} with every incompatibility, in order. An answer with "error" says why a schema was refused.
 */
public class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        JsonNode question = JSON.readTree(line);
        if (question.has("schema")) {
          describe(parse(question.get("schema")), answer);
        } else {
          compare(parse(question.get("reader")), parse(question.get("writer")), answer);
        }
      } catch (Exception | StackOverflowError e) {
        answer.put("error", String.valueOf(e.getMessage()));
      }
      out.println(JSON.writeValueAsString(answer));
    }
    out.flush();
  }

  private static Schema parse(JsonNode text) {
    return new Schema.Parser(NameValidator.STRICT_VALIDATOR).setValidateDefaults(true).parse(text.asText());
  }

  private static void describe(Schema schema, ObjectNode answer) {
    answer.put("text", schema.toString());
    answer.put("parsing", SchemaNormalization.toParsingForm(schema));
    answer.put("crc64", String.format("%016x", SchemaNormalization.parsingFingerprint64(schema)));
  }

  private static void compare(Schema reader, Schema writer, ObjectNode answer) {
    var findings = answer.putArray("findings");
    try {
      var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
      for (var i : result.getIncompatibilities()) {
        findings.add(i.getType() + " " + i.getLocation() + " " + i.getMessage());
      }
    } catch (RuntimeException e) {
      findings.add("NOT_COMPARABLE / " + e.getMessage());
    }
  }
}

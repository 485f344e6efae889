import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.squareup.wire.schema.Location;
import com.squareup.wire.schema.internal.parser.ProtoParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.everit.json.schema.loader.SchemaLoader;
import org.json.JSONObject;

/**
 * Measures Java's libraries. A question is a line {"what": "avro parse", "texts": [...], "seconds": s}; the answer is the fewest
 * nanoseconds of one operation in ten rounds that last s altogether, after as long for the compiler to warm up. A check reads
 * what the texts but the last were written with by the last.
 */
class Speed {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static Object sink; // keeps results in use

  public static void main(String[] args) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      JsonNode question = JSON.readTree(line);
      List<String> texts = new ArrayList<>();
      question.get("texts").forEach(t -> texts.add(t.asText()));
      System.out.println(measure(operation(question.get("what").asText(), texts), question.get("seconds").asDouble()));
    }
  }

  private static Runnable operation(String what, List<String> texts) {
    String text = texts.get(0);
    switch (what) {
      case "avro parse":
        return () -> sink = avro(text);
      case "avro check":
        List<Schema> schemas = new ArrayList<>();
        texts.forEach(t -> schemas.add(avro(t)));
        Schema reader = schemas.remove(schemas.size() - 1);
        return () -> {
          for (Schema writer : schemas) {
            if (SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType() != SchemaCompatibilityType.COMPATIBLE) {
              throw new IllegalStateException("not compatible");
            }
          }
        };
      case "json parse":
        return () -> sink = SchemaLoader.builder().useDefaults(true).draftV7Support().schemaJson(new JSONObject(text)).build().load().build();
      case "protobuf parse":
        return () -> sink = ProtoParser.Companion.parse(Location.get(""), text);
      default:
        throw new IllegalArgumentException(what);
    }
  }

  private static Schema avro(String text) {
    return new Schema.Parser(NameValidator.STRICT_VALIDATOR).setValidateDefaults(true).parse(text);
  }

  private static long measure(Runnable operation, double seconds) {
    long round = (long) (seconds * 1e8);
    long warm = System.nanoTime() + 10 * round;
    while (System.nanoTime() < warm) {
      operation.run();
    }
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      long n = 0;
      long start = System.nanoTime();
      long took = 0;
      while (took < round) {
        operation.run();
        n++;
        took = System.nanoTime() - start;
      }
      best = Math.min(best, took / n);
    }
    return best;
  }
}

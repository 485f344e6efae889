import com.squareup.wire.schema.Location;
import com.squareup.wire.schema.internal.parser.ProtoParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Reads Protobuf texts, a line of base64 each, and answers what Wire makes of each, in base64: OK and its text, or ERROR and its words. */
class Oracle {
  public static void main(String[] args) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    var out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
    for (String line; (line = in.readLine()) != null; ) {
      var text = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
      out.println(Base64.getEncoder().encodeToString(answer(text).getBytes(StandardCharsets.UTF_8)));
    }
    out.flush();
  }

  static String answer(String text) {
    try {
      var file = ProtoParser.Companion.parse(Location.get(""), text);
      try {
        return "OK " + file.toSchema();
      } catch (RuntimeException e) { // Wire cannot print lists of plain values
        return "OK";
      }
    } catch (RuntimeException e) {
      return "ERROR " + e.getMessage();
    }
  }
}

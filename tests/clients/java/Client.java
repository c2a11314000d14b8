// A Kafka client that does what it is told, a command a line, for tests.
//
// Commands and answers are described in src/client/program.rs; the Python client speaks the same.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class Client {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String bootstrap;
    private final PrintStream out;

    private Client(String bootstrap, PrintStream out) {
        this.bootstrap = bootstrap;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        var client = new Client(arguments[0], out);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                client.obey(line.split(" "));
                out.println("done");
            } catch (Exception error) {
                out.println("failed " + error.toString().replace('\n', ' '));
            }
            out.flush();
        }
    }

    private void obey(String[] words) throws Exception {
        switch (words[0]) {
            case "create" -> create(words[1], Integer.parseInt(words[2]));
            case "grow" -> grow(words[1], Integer.parseInt(words[2]));
            case "delete" -> delete(words[1]);
            case "partitions" -> partitions(words[1]);
            case "produce" -> produce(words[1], words[2], words[3], Path.of(words[4]));
            case "consume" -> consume(words[1]);
            case "offsets" -> offsets(words[1], Long.parseLong(words[2]));
            default -> throw new IllegalArgumentException("unknown command " + words[0]);
        }
    }

    private void create(String topic, int partitions) throws Exception {
        try (var admin = admin()) {
            var wanted = new NewTopic(topic, Optional.of(partitions), Optional.empty());
            printOutcome(admin.createTopics(List.of(wanted)).all());
        }
    }

    private void grow(String topic, int partitions) throws Exception {
        try (var admin = admin()) {
            var wanted = Map.of(topic, NewPartitions.increaseTo(partitions));
            printOutcome(admin.createPartitions(wanted).all());
        }
    }

    private void delete(String topic) throws Exception {
        try (var admin = admin()) {
            printOutcome(admin.deleteTopics(List.of(topic)).all());
        }
    }

    private void partitions(String topic) throws Exception {
        try (var consumer = consumer()) {
            out.println(consumer.listTopics(PATIENCE).getOrDefault(topic, List.of()).size());
        }
    }

    private void produce(String topic, String codec, String acks, Path file) throws Exception {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrap,
                "compression.type", codec,
                "acks", acks,
                "enable.idempotence", acks.equals("all"));
        var serializer = new ByteArraySerializer();
        var sent = new ArrayList<Future<RecordMetadata>>();
        try (var producer = new KafkaProducer<>(settings, serializer, serializer)) {
            for (String line : Files.readAllLines(file)) {
                sent.add(producer.send(parse(topic, line.split(" "))));
            }
        }
        for (Future<RecordMetadata> future : sent) {
            RecordMetadata metadata = future.get();
            out.println(metadata.partition() + " " + metadata.offset());
        }
    }

    private void consume(String topic) {
        try (var consumer = consumer()) {
            List<TopicPartition> partitions = partitionsOf(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                consumer.poll(Duration.ofSeconds(1)).forEach(this::print);
            }
        }
    }

    private void offsets(String topic, long timestamp) {
        try (var consumer = consumer()) {
            List<TopicPartition> partitions = partitionsOf(consumer, topic);
            var starts = consumer.beginningOffsets(partitions);
            var ends = consumer.endOffsets(partitions);
            var wanted = new java.util.HashMap<TopicPartition, Long>();
            partitions.forEach(partition -> wanted.put(partition, timestamp));
            var found = consumer.offsetsForTimes(wanted);
            for (TopicPartition partition : partitions) {
                var at = found.get(partition);
                out.println(partition.partition() + " " + starts.get(partition) + " "
                        + ends.get(partition) + " " + (at == null ? -1 : at.offset()));
            }
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        var deserializer = new ByteArrayDeserializer();
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "check.crcs", true);
        return new KafkaConsumer<>(settings, deserializer, deserializer);
    }

    private static List<TopicPartition> partitionsOf(KafkaConsumer<?, ?> consumer, String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(PartitionInfo::partition)
                .sorted()
                .map(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    private static ProducerRecord<byte[], byte[]> parse(String topic, String[] words) {
        var headers = new ArrayList<Header>();
        for (int i = 4; i < words.length; i += 2) {
            var name = new String(bytes(words[i]), StandardCharsets.UTF_8);
            headers.add(new RecordHeader(name, bytes(words[i + 1])));
        }
        int partition = Integer.parseInt(words[0]);
        long timestamp = Long.parseLong(words[1]);
        return new ProducerRecord<>(
                topic, partition, timestamp, bytes(words[2]), bytes(words[3]), headers);
    }

    private void print(ConsumerRecord<byte[], byte[]> record) {
        var line = new StringBuilder();
        line.append(record.offset()).append(' ').append(record.partition());
        line.append(' ').append(record.timestamp());
        line.append(' ').append(word(record.key())).append(' ').append(word(record.value()));
        for (Header header : record.headers()) {
            line.append(' ').append(word(header.key().getBytes(StandardCharsets.UTF_8)));
            line.append(' ').append(word(header.value()));
        }
        out.println(line);
    }

    private void printOutcome(KafkaFuture<Void> outcome) throws InterruptedException {
        try {
            outcome.get();
            out.println("NONE");
        } catch (ExecutionException error) {
            out.println(Errors.forException(error.getCause()).name());
        }
    }

    private static byte[] bytes(String word) {
        return word.equals("-") ? null : Base64.getDecoder().decode(word.substring(1));
    }

    private static String word(byte[] bytes) {
        return bytes == null ? "-" : "." + Base64.getEncoder().encodeToString(bytes);
    }
}

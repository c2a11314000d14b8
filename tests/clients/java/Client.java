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
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class Client {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** As large as nothing that is sent, so that it is the broker who refuses. */
    private static final int LARGEST = 4_000_000;
    /** How long the producer of a trickle waits for an answer, and rests between two records. */
    private static final int HASTE_MS = 2000;
    private static final int REST_MS = 20;

    private final String bootstrap;
    private final PrintStream out;
    private KafkaConsumer<byte[], byte[]> opened;
    private String topic;

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
                out.println("failed " + name(error) + " " + error.toString().replace('\n', ' '));
            }
            out.flush();
        }
    }

    private void obey(String[] words) throws Exception {
        switch (words[0]) {
            case "create" -> create(words[1], Integer.parseInt(words[2]));
            case "grow" -> grow(words[1], Integer.parseInt(words[2]));
            case "delete" -> admin(admin -> admin.deleteTopics(List.of(words[1])).all());
            case "partitions" -> partitions(words[1]);
            case "truncate" -> truncate(at(words[1], words[2]), Long.parseLong(words[3]));
            case "config" -> config(words[1], words[2]);
            case "set-config" -> setConfig(words[1], words[2], words[3]);
            case "cluster" -> cluster();
            case "groups" -> admin(admin -> admin.listGroups().valid())
                    .forEach(group -> out.println(group.groupId()));
            case "group" -> group(words[1]);
            case "delete-group" ->
                    admin(admin -> admin.deleteConsumerGroups(List.of(words[1])).all());
            case "forget" -> admin(admin -> admin.deleteConsumerGroupOffsets(
                    words[1], Set.of(at(words[2], "0"))).all());
            case "alter-offset" -> admin(admin -> admin.alterConsumerGroupOffsets(words[1],
                    Map.of(at(words[2], words[3]), offset(words[4], ""))).all());
            case "committed" -> committed(words[1], at(words[2], words[3]));
            case "lag" -> lag(words[1], words[2]);
            case "log-size" -> logSize(words[1]);
            case "producers" -> producers(at(words[1], "0"));
            case "quorum" -> out.println(
                    admin(admin -> admin.describeMetadataQuorum().quorumInfo()).voters().size());
            case "produce" ->
                    produce(words[1], words[2], words[3], words[4], Path.of(words[5]));
            case "transact" -> transact(words[1], words[2]);
            case "consume" -> consume(words[1]);
            case "offsets" -> offsets(words[1], Long.parseLong(words[2]));
            default -> read(words);
        }
    }

    /** What is to be done with the consumer that is open. */
    private void read(String[] words) {
        switch (words[0]) {
            case "open" -> open(words);
            case "read" -> read(opened, Long.parseLong(words[1]), Long.parseLong(words[2]));
            case "seek" -> seek(at(topic, words[1]), words[2]);
            case "pause" -> opened.pause(List.of(at(topic, words[1])));
            case "resume" -> opened.resume(List.of(at(topic, words[1])));
            case "commit" -> opened.commitSync(Map.of(
                    at(topic, words[1]), offset(words[2], new String(bytes(words[3])))));
            case "close" -> opened.close();
            default -> throw new IllegalArgumentException("unknown command " + words[0]);
        }
    }

    private void create(String topic, int partitions) throws Exception {
        var wanted = new NewTopic(topic, Optional.of(partitions), Optional.empty());
        admin(admin -> admin.createTopics(List.of(wanted)).all());
    }

    private void grow(String topic, int partitions) throws Exception {
        var wanted = Map.of(topic, NewPartitions.increaseTo(partitions));
        admin(admin -> admin.createPartitions(wanted).all());
    }

    private void partitions(String topic) throws Exception {
        try (var consumer = consumer(Optional.empty())) {
            out.println(consumer.listTopics(PATIENCE).getOrDefault(topic, List.of()).size());
        }
    }

    private void truncate(TopicPartition at, long offset) throws Exception {
        var wanted = Map.of(at, RecordsToDelete.beforeOffset(offset));
        out.println(admin(admin -> admin.deleteRecords(wanted).lowWatermarks().get(at)).lowWatermark());
    }

    private void config(String topic, String key) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var described = admin(admin -> admin.describeConfigs(List.of(resource)).all());
        out.println(described.get(resource).get(key).value());
    }

    private void setConfig(String topic, String key, String value) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var set = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        admin(admin -> admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all());
    }

    private void cluster() throws Exception {
        int brokers = admin(admin -> admin.describeCluster().nodes()).size();
        out.println(brokers + " " + admin(admin -> admin.describeCluster().controller()).id());
    }

    private void group(String name) throws Exception {
        var described = admin(admin -> admin.describeClassicGroups(List.of(name)).all());
        out.println(described.get(name).state());
    }

    private void committed(String group, TopicPartition at) throws Exception {
        var found = committed(group).get(at);
        out.println(found == null ? "-1 ."
                : found.offset() + " " + word(found.metadata().getBytes(StandardCharsets.UTF_8)));
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(String group) throws Exception {
        return admin(admin ->
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    }

    private void lag(String group, String topic) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> committed = committed(group);
        try (var consumer = consumer(Optional.empty())) {
            List<TopicPartition> partitions = partitionsOf(consumer, topic);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            for (TopicPartition at : partitions) {
                out.println(at.partition() + " " + (ends.get(at) - committed.get(at).offset()));
            }
        }
    }

    private void logSize(String topic) throws Exception {
        int broker = admin(admin -> admin.describeCluster().controller()).id();
        var folders = admin(admin -> admin.describeLogDirs(List.of(broker)).allDescriptions());
        out.println(folders.get(broker).values().stream()
                .map(folder -> folder.replicaInfos().get(at(topic, "0")))
                .filter(Objects::nonNull)
                .mapToLong(ReplicaInfo::size)
                .sum());
    }

    private void producers(TopicPartition at) throws Exception {
        var found = admin(admin -> admin.describeProducers(List.of(at)).partitionResult(at));
        out.println(found.activeProducers().size());
    }

    private void produce(String topic, String codec, String acks, String way, Path file)
            throws Exception {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "bootstrap.servers", bootstrap,
                "compression.type", codec,
                "acks", acks,
                "enable.idempotence", acks.equals("all"),
                "max.request.size", LARGEST));
        if (way.equals("trickle")) {
            settings.put("request.timeout.ms", HASTE_MS);
        }
        var serializer = new ByteArraySerializer();
        var sent = new ArrayList<Future<RecordMetadata>>();
        try (var producer = new KafkaProducer<>(settings, serializer, serializer)) {
            for (String line : Files.readAllLines(file)) {
                Future<RecordMetadata> future = producer.send(parse(topic, line.split(" ")));
                sent.add(future);
                switch (way) {
                    case "one" -> future.get();
                    case "trickle" -> Thread.sleep(REST_MS);
                    default -> { }
                }
            }
        }
        for (Future<RecordMetadata> future : sent) {
            RecordMetadata metadata = future.get();
            out.println(metadata.partition() + " " + metadata.offset());
        }
    }

    private void transact(String id, String topic) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", bootstrap, "transactional.id", id);
        var serializer = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(settings, serializer, serializer)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "in a transaction".getBytes()));
            producer.commitTransaction();
        }
    }

    private void consume(String topic) {
        try (var consumer = consumer(Optional.empty())) {
            List<TopicPartition> partitions = partitionsOf(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long ends = consumer.endOffsets(partitions).values().stream().mapToLong(n -> n).sum();
            long starts =
                    consumer.beginningOffsets(partitions).values().stream().mapToLong(n -> n).sum();
            read(consumer, ends - starts, PATIENCE.toMillis());
        }
    }

    private void open(String[] words) {
        topic = words[2];
        opened = consumer(Optional.of(words[1]).filter(group -> !group.equals("-")));
        opened.assign(Arrays.stream(words).skip(3).map(word -> at(topic, word)).toList());
    }

    private void read(KafkaConsumer<byte[], byte[]> consumer, long count, long milliseconds) {
        long deadline = System.currentTimeMillis() + milliseconds;
        long left = count;
        while (left > 0 && System.currentTimeMillis() < deadline) {
            var records = consumer.poll(Duration.ofMillis(100));
            records.forEach(this::print);
            left -= records.count();
        }
    }

    private void seek(TopicPartition at, String offset) {
        switch (offset) {
            case "beginning" -> opened.seekToBeginning(List.of(at));
            case "end" -> {
                opened.seekToEnd(List.of(at));
                // It looks the end up when it is first asked for it.
                opened.position(at);
            }
            default -> opened.seek(at, Long.parseLong(offset));
        }
    }

    private void offsets(String topic, long timestamp) {
        try (var consumer = consumer(Optional.empty())) {
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

    /** Asks the cluster; an error is the broker's own. */
    private <T> T admin(Function<Admin, KafkaFuture<T>> question) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            return question.apply(admin).get();
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer(Optional<String> group) {
        var deserializer = new ByteArrayDeserializer();
        Map<String, Object> settings = new HashMap<>(Map.of(
                "bootstrap.servers", bootstrap,
                "check.crcs", true,
                "auto.offset.reset", "earliest",
                "enable.auto.commit", false));
        group.ifPresent(name -> settings.put("group.id", name));
        return new KafkaConsumer<>(settings, deserializer, deserializer);
    }

    private static TopicPartition at(String topic, String partition) {
        return new TopicPartition(topic, Integer.parseInt(partition));
    }

    private static OffsetAndMetadata offset(String offset, String metadata) {
        return new OffsetAndMetadata(Long.parseLong(offset), metadata);
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

    /** Kafka's name of an error, where it is the broker's. */
    private static String name(Throwable error) {
        Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
        Errors known = Errors.forException(cause);
        return known == Errors.UNKNOWN_SERVER_ERROR ? cause.getClass().getSimpleName() : known.name();
    }

    private static byte[] bytes(String word) {
        return word.equals("-") ? null : Base64.getDecoder().decode(word.substring(1));
    }

    private static String word(byte[] bytes) {
        return bytes == null ? "-" : "." + Base64.getEncoder().encodeToString(bytes);
    }
}

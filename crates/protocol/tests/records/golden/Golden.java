// Writes the batches in this folder with Kafka's own classes, or reads batches with them:
//   javac -cp "lib/*" Golden.java && java -cp "lib/*:." Golden write .
//   java -cp "lib/*:." Golden read FILE...
// where lib/ holds kafka-clients 4.3.1 and what it needs.

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.message.VotersRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

public class Golden {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("write")) {
            write(Path.of(args[1]));
        } else {
            for (int i = 1; i < args.length; i++) {
                read(new File(args[i]));
            }
        }
    }

    static void write(Path folder) throws Exception {
        save(folder, "none", mixed(Compression.NONE));
        save(folder, "gzip", mixed(Compression.gzip().build()));
        save(folder, "snappy", mixed(Compression.snappy().build()));
        save(folder, "lz4", mixed(Compression.lz4().build()));
        save(folder, "zstd", mixed(Compression.zstd().build()));
        save(folder, "log-append-time", logAppendTime());
        save(folder, "transactional", transactional());
        save(folder, "commit", MemoryRecords.withEndTransactionMarker(
            70, 5_000, 3, 9, (short) 2, new EndTransactionMarker(ControlRecordType.COMMIT, 11)));
        save(folder, "abort", MemoryRecords.withEndTransactionMarker(
            71, 5_001, 3, 9, (short) 2, new EndTransactionMarker(ControlRecordType.ABORT, 12)));
        save(folder, "leader-change", MemoryRecords.withLeaderChangeMessage(
            80, 6_000, 4, ByteBuffer.allocate(512), new LeaderChangeMessage()
                .setVersion((short) 0)
                .setLeaderId(1)
                .setVoters(List.of(voter(1), voter(2)))
                .setGrantingVoters(List.of(voter(1)))));
        save(folder, "snapshot-header", MemoryRecords.withSnapshotHeaderRecord(
            0, 6_001, 4, ByteBuffer.allocate(512),
            new SnapshotHeaderRecord().setVersion((short) 0).setLastContainedLogTimestamp(77)));
        save(folder, "snapshot-footer", MemoryRecords.withSnapshotFooterRecord(
            1, 6_002, 4, ByteBuffer.allocate(512), new SnapshotFooterRecord().setVersion((short) 0)));
        save(folder, "kraft-version", MemoryRecords.withKRaftVersionRecord(
            81, 6_003, 4, ByteBuffer.allocate(512),
            new KRaftVersionRecord().setVersion((short) 0).setKRaftVersion((short) 1)));
        save(folder, "voters", MemoryRecords.withVotersRecord(
            82, 6_004, 4, ByteBuffer.allocate(512), voters()));
    }

    static LeaderChangeMessage.Voter voter(int id) {
        return new LeaderChangeMessage.Voter().setVoterId(id);
    }

    static VotersRecord voters() {
        VotersRecord.EndpointCollection endpoints = new VotersRecord.EndpointCollection();
        endpoints.add(new VotersRecord.Endpoint().setName("CONTROLLER").setHost("chat-0").setPort(9093));
        return new VotersRecord().setVersion((short) 0).setVoters(List.of(new VotersRecord.Voter()
            .setVoterId(1)
            .setVoterDirectoryId(new Uuid(0, 101))
            .setEndpoints(endpoints)
            .setKRaftVersionFeature(new VotersRecord.KRaftVersionFeature()
                .setMinSupportedVersion((short) 0).setMaxSupportedVersion((short) 1))));
    }

    /** Nulls, empty fields, duplicate headers, times that go back, and enough bytes for two blocks of any codec. */
    static MemoryRecords mixed(Compression compression) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.CURRENT_MAGIC_VALUE,
            compression, TimestampType.CREATE_TIME, 40, RecordBatch.NO_TIMESTAMP, 7, (short) 3, 2_147_483_646, false, 5);
        Header[] headers = {
            new RecordHeader("trace", bytes("one")), new RecordHeader("trace", null), new RecordHeader("", new byte[0]),
            new RecordHeader("trace", bytes("one"))};
        builder.append(1_000L, bytes("key"), bytes("value"), headers);
        builder.append(999L, (byte[]) null, null, new Header[0]);
        builder.append(3_000_000_000_000L, new byte[0], new byte[0], new Header[0]);
        if (compression != Compression.NONE) {
            builder.append(-1L, bytes("long"), new byte[70_000], new Header[0]);
        }
        return builder.build();
    }

    static MemoryRecords logAppendTime() {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.CURRENT_MAGIC_VALUE,
            Compression.NONE, TimestampType.LOG_APPEND_TIME, 50, 4_000, 5);
        builder.append(1L, bytes("key"), bytes("value"));
        builder.append(2L, bytes("key"), bytes("value"));
        return builder.build();
    }

    static MemoryRecords transactional() {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.CURRENT_MAGIC_VALUE,
            Compression.NONE, TimestampType.CREATE_TIME, 60, RecordBatch.NO_TIMESTAMP, 9, (short) 2, 0, true, 3);
        builder.append(10L, bytes("key"), bytes("value"));
        return builder.build();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static void save(Path folder, String name, MemoryRecords records) throws Exception {
        ByteBuffer buffer = records.buffer().duplicate();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        Files.write(folder.resolve(name + ".batch"), bytes);
    }

    static void read(File file) throws Exception {
        MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(Files.readAllBytes(file.toPath())));
        for (RecordBatch batch : records.batches()) {
            batch.ensureValid();
            System.out.println(file.getName() + " " + batch);
            for (Record record : batch) {
                StringBuilder headers = new StringBuilder();
                for (Header header : record.headers()) {
                    headers.append(' ').append(header);
                }
                System.out.println("  " + record.offset() + " " + record.timestamp() + " key " + record.keySize()
                    + " value " + record.valueSize() + headers);
            }
        }
    }
}
